import type { Parameters } from '../network/network.ts';
import type { TrainingState } from './engine.ts';

/**
 * A training state in a file. All numbers are little-endian.
 *
 * | bytes | |
 * |---|---|
 * | 8 | `SPARSETS` |
 * | 4 | version, 2; in 1 there is no `formSteps` |
 * | 4 | length of the index in bytes, a multiple of 4 |
 * | index | JSON in UTF-8, padded with spaces: `steps`, `blocks`, `formSteps` if scales are learned, and `tensors`, a list of `[role, layer, tensor, count]` |
 * | rest | the tensors' f32 values in the order of the list, nothing between or after them |
 */
export function encodeState({ tensors, ...counts }: TrainingState): Uint8Array {
  const entries = Object.entries(tensors).flatMap(([role, parameters]) =>
    Object.entries(parameters).flatMap(([layer, all]) =>
      Object.entries(all).map(([tensor, values]) => ({ path: [role, layer, tensor], values })),
    ),
  );
  const index = JSON.stringify({ ...counts, tensors: entries.map(({ path, values }) => [...path, values.length]) });
  const text = new TextEncoder().encode(index);
  const length = Math.ceil(text.length / 4) * 4;
  const file = new Uint8Array(HEADER + length + 4 * entries.reduce((sum, { values }) => sum + values.length, 0)).fill(
    SPACE,
    HEADER,
    HEADER + length,
  );
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, length, true);
  file.set(text, HEADER);
  let at = HEADER + length;
  for (const { values } of entries) for (const value of values) view.setFloat32((at += 4) - 4, value, true);
  return file;
}

/** The state that was written; a RangeError says what is wrong with the bytes, whatever they are. */
export function decodeState(file: Uint8Array): TrainingState {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER || new TextDecoder().decode(file.subarray(0, 8)) !== MAGIC) throw new RangeError('not a training state');
  const version = view.getUint32(8, true);
  if (version < 1 || version > VERSION) throw new RangeError(`a training state of version ${version}; 1 to ${VERSION} are known`);
  const length = view.getUint32(12, true);
  if (length % 4 !== 0 || HEADER + length > file.length) throw new RangeError('the index of the training state is cut short');
  const { tensors, ...counts } = checkIndex(new TextDecoder().decode(file.subarray(HEADER, HEADER + length)));
  const values = tensors.reduce((sum, [, , , count]) => sum + count, 0);
  if (HEADER + length + 4 * values !== file.length)
    throw new RangeError(`the training state has ${file.length} bytes; its index asks for ${HEADER + length + 4 * values}`);
  let at = HEADER + length;
  const read: { [role: string]: { [layer: string]: { [tensor: string]: Float32Array } } } = {};
  for (const [role, layer, tensor, count] of tensors) {
    read[role] ??= {};
    read[role][layer] ??= {};
    read[role][layer][tensor] = Float32Array.from({ length: count }, () => view.getFloat32((at += 4) - 4, true));
  }
  return { ...counts, tensors: read satisfies { [role: string]: Parameters } };
}

const MAGIC = 'SPARSETS';
const VERSION = 2;
const HEADER = 16;
const SPACE = 0x20;

type Index = Omit<TrainingState, 'tensors'> & { tensors: [role: string, layer: string, tensor: string, count: number][] };

function checkIndex(text: string): Index {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch {
    throw new RangeError('the index of the training state is no JSON');
  }
  if (!isIndex(index)) throw new RangeError('the index of the training state lacks something or has too much');
  const { steps, blocks, formSteps, tensors } = index;
  return { steps, blocks, ...(formSteps !== undefined && { formSteps }), tensors };
}

function isIndex(index: unknown): index is Index {
  if (typeof index !== 'object' || index === null) return false;
  const { steps, blocks, formSteps = 0, tensors } = index as Partial<Index>;
  if (![steps, blocks, formSteps].every(isCount) || !Array.isArray(tensors)) return false;
  return tensors.every((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 4) return false;
    return entry.slice(0, 3).every((name) => typeof name === 'string' && name !== '__proto__') && isCount(entry[3]);
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
