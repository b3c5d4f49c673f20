import { encode, type Mnemonic, type Operand } from './instruction.ts';
import type { Item } from './program.ts';
import { sizeOf } from './relax.ts';

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
