import type { Reach } from '../machine/jumps.ts';
import type { Mnemonic } from './instruction.ts';
import { endOf, layout, placeOf } from './layout.ts';
import type { Instruction, Item } from './program.ts';

/** The opposite of each condition: a branch that does not reach is written as the opposite over a jump. */
const OPPOSITE: { readonly [mnemonic in Mnemonic]?: Mnemonic } = {
  ...{ beq: 'bne', bne: 'beq', bcs: 'bcc', bcc: 'bcs', bmi: 'bpl', bpl: 'bmi', bhi: 'bls', bls: 'bhi' },
  ...{ bge: 'blt', blt: 'bge', bgt: 'ble', ble: 'bgt' },
};

/** Whether an instruction is written longer where its target is far. */
export const isRelaxed = (mnemonic: Mnemonic): boolean => mnemonic === 'b' || OPPOSITE[mnemonic] !== undefined;

/** Room is left for tables that are aligned on the way. */
export const REACH: Reach = { ahead: 2, branch: { least: -124, most: 123 }, jump: { least: -1020, most: 1019 } };

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

/** The longer form of an instruction at byte `from` that does not reach its target. */
function lengthen(item: Instruction, from: number, labels: ReadonlyMap<string, number>): Item[] | undefined {
  const { mnemonic, operands, times, taken, owner } = item;
  const [target] = operands;
  if (typeof target !== 'string') return undefined;
  const words = (placeOf(labels, target) - from) / 2 - REACH.ahead;
  const reaches = ({ least, most }: Reach['branch']) => words >= least && words <= most;
  const opposite = OPPOSITE[mnemonic];
  if (opposite && !reaches(REACH.branch)) {
    const over = `${target}_${from}`;
    return [
      { mnemonic: opposite, operands: [over], times, taken: times - taken, owner },
      { mnemonic: 'b', operands: [target], times: taken, taken: 0, owner },
      { label: over },
    ];
  }
  return mnemonic === 'b' && !reaches(REACH.jump) ? [{ ...item, mnemonic: 'bl' }] : undefined;
}
