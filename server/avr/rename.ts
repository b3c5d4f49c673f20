import type { Instruction, Item } from './program.ts';

/** The same with other registers, and with Z in place of Y. */
export function renamed(item: Item, registers: ReadonlyMap<number, number>): Item {
  if (!('mnemonic' in item)) return item;
  const mnemonic = item.mnemonic.replace(/ Y$/, ' Z') as Instruction['mnemonic'];
  const constant = CONSTANT.test(mnemonic);
  const operands = item.operands.map((operand, i) => {
    if (typeof operand !== 'number' || (i > 0 && constant)) return operand;
    return registers.get(operand) ?? (operand === 28 ? 30 : operand === 29 ? 31 : operand);
  });
  return { ...item, mnemonic, operands };
}

const CONSTANT = /^(ldi|cpi|subi|sbci|andi|ori|adiw|sbiw|ldd|std|sbrc|sbrs)/;
