import { rowOf } from './instruction.ts';
import type { Item } from './program.ts';

/** Every register that items write or read; pairs count as both. */
export function usedBy(items: readonly Item[]): Set<number> {
  const used = new Set<number>();
  for (const item of items) {
    if (!('mnemonic' in item)) continue;
    const { pointer, registers, step } = rowOf(item.mnemonic);
    if (pointer !== undefined) used.add(pointer).add(pointer + 1);
    for (let i = 0; i < registers; i++) {
      const register = item.operands[i] as number;
      used.add(register);
      if (step === 2) used.add(register + 1);
    }
  }
  return used;
}
