import { type Mnemonic, rowOf } from './instruction.ts';
import type { Instruction, Item } from './program.ts';

/** Branches that reach as far as a jump does: the opposite branch over a jump. */
const OPPOSITE: { readonly [mnemonic in Mnemonic]?: Mnemonic } = {
  ...{ brne: 'breq', breq: 'brne', brcs: 'brcc', brcc: 'brcs', brmi: 'brpl', brpl: 'brmi', brlt: 'brge', brge: 'brlt' },
};

/** A place in a program whose branches and jumps are all as short as they can be: bytes, and how many of those lie before it. */
export type Mark = { at: number; jumps: number };

/** A branch or jump of one word, from byte `at` of such a program. */
export type Jump = { at: number; readonly isBranch: boolean; readonly target: string };

/** Whether an instruction is written longer where its target is far. */
export const isRelaxed = (mnemonic: Mnemonic): boolean => mnemonic === 'rjmp' || OPPOSITE[mnemonic] !== undefined;

/** How many words longer each has to be, so that all reach: a branch 1 over a jump and 2 over a long one, a jump 1 as a long one. */
export function lengthsOf(jumps: readonly Jump[], labels: ReadonlyMap<string, Mark>): Uint8Array {
  const longer = new Uint8Array(jumps.length);
  const before = new Uint32Array(jumps.length + 1);
  const targets = jumps.map(({ target }) => labels.get(target)!);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < jumps.length; i++) before[i + 1] = before[i] + longer[i];
    for (let i = 0; i < jumps.length; i++) {
      const { at, isBranch } = jumps[i];
      const overJump = isBranch && longer[i] > 0;
      if (longer[i] === (isBranch ? 2 : 1)) continue;
      const words = (targets[i].at - at) / 2 + before[targets[i].jumps] - before[i] - (overJump ? 2 : 1);
      if (Math.abs(words) <= (isBranch && !overJump ? 60 : 2040)) continue;
      longer[i]++;
      changed = true;
    }
  }
  return longer;
}

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
  const longer = lengthsOf(jumps, labels);
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
