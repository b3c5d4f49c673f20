import { cyclesOf, encode, type Mnemonic, type Operand, rowOf } from './instruction.ts';
import type { Instruction, Item } from './program.ts';

/** The opposite of each condition: a branch that does not reach is written as the opposite over a jump. */
const OPPOSITE: { readonly [mnemonic in Mnemonic]?: Mnemonic } = {
  ...{ beq: 'bne', bne: 'beq', bcs: 'bcc', bcc: 'bcs', bmi: 'bpl', bpl: 'bmi', bhi: 'bls', bls: 'bhi' },
  ...{ bge: 'blt', blt: 'bge', bgt: 'ble', ble: 'bgt' },
};

/** Branches and jumps as near as they can be: what does not reach is written as the next longer form, until all do. The farthest is a call, which loses lr. */
export function relax(items: readonly Item[]): Item[] {
  let current = items;
  for (;;) {
    const { labels } = layout(current);
    const next: Item[] = [];
    let at = 0;
    let changed = false;
    for (const item of current) {
      const longer = 'mnemonic' in item ? lengthen(item, at, labels) : undefined;
      at = endOf(item, at);
      changed ||= longer !== undefined;
      if (longer) next.push(...longer);
      else next.push(item);
    }
    if (!changed) return next;
    current = next;
  }
}

/** Room that is left for what is aligned on the way. */
const SLACK = 8;

/** The longer form of an instruction at byte `from` that does not reach its target. */
function lengthen(item: Instruction, from: number, labels: ReadonlyMap<string, number>): Item[] | undefined {
  const { mnemonic, operands, times, taken, owner } = item;
  const [target] = operands;
  if (typeof target !== 'string') return undefined;
  const distance = placeOf(labels, target) - from - 4;
  const reaches = (bytes: number) => distance >= -bytes + SLACK && distance < bytes - SLACK;
  const opposite = OPPOSITE[mnemonic];
  if (opposite && !reaches(256)) {
    const over = `${target}_${from}`;
    return [
      { mnemonic: opposite, operands: [over], times, taken: times - taken, owner },
      { mnemonic: 'b', operands: [target], times: taken, taken: 0, owner },
      { label: over },
    ];
  }
  return mnemonic === 'b' && !reaches(2048) ? [{ ...item, mnemonic: 'bl' }] : undefined;
}

/** What relaxed items take: bytes, and the cycles of one inference, expected. */
export function costOf(items: readonly Item[]): { bytes: number; cycles: number } {
  let bytes = 0;
  let cycles = 0;
  for (const item of items) {
    bytes = endOf(item, bytes);
    if ('mnemonic' in item) cycles += item.times * cyclesOf(item.mnemonic, item.operands) + item.taken;
  }
  return { bytes, cycles };
}

/** Machine code of relaxed items, which will lie at a multiple of four. */
export function assemble(items: readonly Item[]): Uint8Array {
  const { labels, bytes } = layout(items);
  const code = new Uint8Array(bytes);
  let at = 0;
  for (const item of items) {
    if ('bytes' in item) code.set(item.bytes(), aligned(at));
    else if ('mnemonic' in item) {
      const numbers = item.operands.map((operand) => resolve(operand, at, labels));
      encode(item.mnemonic, numbers).forEach((half, i) => {
        code[at + 2 * i] = half & 255;
        code[at + 2 * i + 1] = half >> 8;
      });
    }
    at = endOf(item, at);
  }
  return code;
}

/** A number for an operand of an instruction at byte `at`. */
export function resolve(operand: Operand, at: number, labels: ReadonlyMap<string, number>): number {
  if (typeof operand === 'number') return operand;
  if (typeof operand === 'string') return (placeOf(labels, operand) - at - 4) / 2;
  return ((placeOf(labels, operand.to) - placeOf(labels, operand.from) - 2) >> (8 * operand.byte)) & 255;
}

function placeOf(labels: ReadonlyMap<string, number>, label: string): number {
  const place = labels.get(label);
  if (place === undefined) throw new Error(`no label ${label}`);
  return place;
}

/** Where labels lie; one before a table lies where that begins. */
export function layout(items: readonly Item[]): { labels: Map<string, number>; bytes: number } {
  const labels = new Map<string, number>();
  let bytes = 0;
  items.forEach((item, i) => {
    const next = items[i + 1];
    if ('label' in item) labels.set(item.label, next && 'bytes' in next ? aligned(bytes) : bytes);
    bytes = endOf(item, bytes);
  });
  return { labels, bytes };
}

const aligned = (at: number): number => Math.ceil(at / 4) * 4;

/** Where an item that begins at `at` or soon after ends; tables fill whole words. */
export function endOf(item: Item, at: number): number {
  if ('bytes' in item) return aligned(at) + aligned(item.size);
  return 'mnemonic' in item ? at + rowOf(item.mnemonic).bytes : at;
}
