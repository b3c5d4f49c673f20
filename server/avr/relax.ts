import { type Jump, lengthsOf, type Mark, type Reach } from '../machine/jumps.ts';
import { type Mnemonic, rowOf } from './instruction.ts';
import type { Instruction, Item } from './program.ts';

/** Branches that reach as far as a jump does: the opposite branch over a jump. */
const OPPOSITE: { readonly [mnemonic in Mnemonic]?: Mnemonic } = {
  ...{ brne: 'breq', breq: 'brne', brcs: 'brcc', brcc: 'brcs', brmi: 'brpl', brpl: 'brmi', brlt: 'brge', brge: 'brlt' },
};

/** Whether an instruction is written longer where its target is far. */
export const isRelaxed = (mnemonic: Mnemonic): boolean => mnemonic === 'rjmp' || OPPOSITE[mnemonic] !== undefined;

/** Short of the 63 and 2047 words that there are. */
export const REACH: Reach = { ahead: 1, branch: { least: -60, most: 60 }, jump: { least: -2040, most: 2040 } };

/** Branches and jumps as near as they can be: what does not reach is written as the next longer form, until all do. */
export function relax(items: readonly Item[]): Item[] {
  const jumps: Jump[] = [];
  const labels = new Map<string, Mark>();
  let at = 0;
  for (const item of items) {
    if ('label' in item) labels.set(item.label, { at, jumps: jumps.length });
    else if (isJump(item)) jumps.push({ at, isBranch: item.mnemonic !== 'rjmp', target: item.operands[0] as string });
    at += sizeOf(item);
  }
  const longer = lengthsOf(jumps, labels, REACH);
  let next = 0;
  return items.flatMap((item) => (isJump(item) ? lengthened(item, next, longer[next++]) : item));
}

const isJump = (item: Item): item is Instruction => 'mnemonic' in item && isRelaxed(item.mnemonic);

function lengthened(item: Instruction, index: number, words: number): Item[] {
  if (words === 0) return [item];
  const { mnemonic, operands, times, taken, owner } = item;
  if (mnemonic === 'rjmp') return [{ ...item, mnemonic: 'jmp' }];
  const over = `${operands[0]}_${index}`;
  return [
    { mnemonic: OPPOSITE[mnemonic]!, operands: [over], times, taken: times - taken, owner },
    { mnemonic: words === 1 ? 'rjmp' : 'jmp', operands, times: taken, taken: 0, owner },
    { label: over },
  ];
}

/** Bytes of an item. */
export function sizeOf(item: Item): number {
  if ('bytes' in item) return item.size + (item.size % 2);
  return 'mnemonic' in item ? 2 * rowOf(item.mnemonic).words : 0;
}
