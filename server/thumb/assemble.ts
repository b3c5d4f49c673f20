import { encode, type Operand } from './instruction.ts';
import { aligned, endOf, layout, placeOf } from './layout.ts';
import type { Item } from './program.ts';

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
