import { encode, type Mnemonic, type Operand, rowOf } from './instruction.ts';
import type { Instruction, Item } from './program.ts';

/** Branches that reach as far as a jump does: the opposite branch over a jump. Undefined for what is no branch. */
const OPPOSITE: { readonly [mnemonic in Mnemonic]?: Mnemonic } = {
  ...{ brne: 'breq', breq: 'brne', brcs: 'brcc', brcc: 'brcs', brmi: 'brpl', brpl: 'brmi', brlt: 'brge', brge: 'brlt' },
};

/** Branches and jumps as near as they can be: what does not reach is written as the next longer form, until all do. */
export function relax(items: readonly Item[]): Item[] {
  let current = items;
  for (;;) {
    const { labels } = layout(current);
    const next: Item[] = [];
    let at = 0;
    let changed = false;
    for (const item of current) {
      const longer = 'mnemonic' in item ? lengthen(item, at, labels) : undefined;
      at += sizeOf(item);
      changed ||= longer !== undefined;
      if (longer) next.push(...longer);
      else next.push(item);
    }
    if (!changed) return next;
    current = next;
  }
}

/** The longer form of an instruction at byte `from` that does not reach its target. */
function lengthen(item: Instruction, from: number, labels: ReadonlyMap<string, number>): Item[] | undefined {
  const { mnemonic, operands, times, taken, owner } = item;
  const [target] = operands;
  if (typeof target !== 'string') return undefined;
  const words = (labels.get(target)! - from) / 2 - 1;
  const opposite = OPPOSITE[mnemonic];
  if (opposite && (words < -60 || words > 60)) {
    const over = `${target}_${from}`;
    return [
      { mnemonic: opposite, operands: [over], times, taken: times - taken, owner },
      { mnemonic: 'rjmp', operands: [target], times: taken, taken: 0, owner },
      { label: over },
    ];
  }
  return mnemonic === 'rjmp' && (words < -2040 || words > 2040) ? [{ ...item, mnemonic: 'jmp' }] : undefined;
}

/** What relaxed items take: bytes, and the cycles of one inference, expected. */
export function costOf(items: readonly Item[]): { bytes: number; cycles: number } {
  let bytes = 0;
  let cycles = 0;
  for (const item of items) {
    bytes += sizeOf(item);
    if ('mnemonic' in item) cycles += item.times * rowOf(item.mnemonic).cycles + item.taken;
  }
  return { bytes, cycles };
}

/** Machine code of relaxed items that will lie at byte address `origin`. */
export function assemble(items: readonly Item[], origin = 0): Uint8Array {
  const { labels, bytes } = layout(items);
  const code = new Uint8Array(bytes);
  let at = 0;
  for (const item of items) {
    if ('bytes' in item) code.set(item.bytes(), at);
    else if ('mnemonic' in item) {
      const numbers = item.operands.map((operand) => resolve(operand, item.mnemonic, at, origin, labels));
      encode(item.mnemonic, numbers).forEach((word, i) => {
        code[at + 2 * i] = word & 255;
        code[at + 2 * i + 1] = word >> 8;
      });
    }
    at += sizeOf(item);
  }
  return code;
}

function resolve(operand: Operand, mnemonic: Mnemonic, at: number, origin: number, labels: ReadonlyMap<string, number>): number {
  if (typeof operand === 'number') return operand;
  const label = typeof operand === 'string' ? operand : operand.label;
  const address = labels.get(label);
  if (address === undefined) throw new Error(`no label ${label}`);
  if (typeof operand === 'string') return mnemonic === 'jmp' ? (origin + address) / 2 : (address - at) / 2 - 1;
  return ((origin + address + operand.offset) >> (8 * operand.byte)) & 255;
}

function layout(items: readonly Item[]): { labels: Map<string, number>; bytes: number } {
  const labels = new Map<string, number>();
  let bytes = 0;
  for (const item of items) {
    if ('label' in item) labels.set(item.label, bytes);
    bytes += sizeOf(item);
  }
  return { labels, bytes };
}

/** Bytes of an item. */
export function sizeOf(item: Item): number {
  if ('bytes' in item) return item.size + (item.size % 2);
  return 'mnemonic' in item ? 2 * rowOf(item.mnemonic).words : 0;
}
