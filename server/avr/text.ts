import { byteLines } from '../machine/bytes.ts';
import type { Mnemonic, Operand } from './instruction.ts';
import type { Item } from './program.ts';

/** Relaxed items as lines for an assembler; `prefix` keeps the labels of several programs apart. */
export function assembly(items: readonly Item[], prefix: string): string[] {
  const name = (label: string) => `.L${prefix}_${label}`;
  return items.flatMap((item) => {
    if ('label' in item) return [`${name(item.label)}:`];
    if ('bytes' in item) return [...byteLines(item.bytes()), ...(item.size % 2 ? ['.byte 0'] : [])];
    return [line(item.mnemonic, item.operands, name)];
  });
}

function line(mnemonic: Mnemonic, operands: readonly Operand[], name: (label: string) => string): string {
  const [word, pointer] = mnemonic.split(' ');
  if (pointer) {
    const at = operands.length > 1 ? `${pointer}+${operands[1]}` : pointer;
    return word.startsWith('st') ? `${word} ${at}, r${operands[0]}` : `${word} r${operands[0]}, ${at}`;
  }
  if (mnemonic === 'lpm') return `lpm r${operands[0]}, Z`;
  const shown = operands.map((operand, i) => {
    if (typeof operand === 'string') return name(operand);
    if (typeof operand !== 'number') return `${operand.byte ? 'hi8' : 'lo8'}(${name(operand.label)}+${operand.offset})`;
    return i > 0 && CONSTANT.test(mnemonic) ? String(operand) : `r${operand}`;
  });
  return [word, shown.join(', ')].filter(Boolean).join(' ');
}

const CONSTANT = /^(ldi|cpi|subi|sbci|andi|ori|adiw|sbiw|sbrc|sbrs)$/;
