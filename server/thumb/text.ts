import { byteLines } from '../machine/bytes.ts';
import { resolve } from './assemble.ts';
import { type Operand, rowOf } from './instruction.ts';
import { layout } from './layout.ts';
import type { Instruction, Item } from './program.ts';

/** Relaxed items as lines for an assembler, in unified syntax; `prefix` keeps the labels of several programs apart. */
export function assembly(items: readonly Item[], prefix: string): string[] {
  const name = (label: string) => `.L${prefix}_${label}`;
  const { labels } = layout(items);
  return items.flatMap((item, i) => {
    const next = items[i + 1];
    if ('label' in item) return [...(next && 'bytes' in next ? ['.balign 4, 0'] : []), `${name(item.label)}:`];
    if ('bytes' in item) return ['.balign 4, 0', ...byteLines(item.bytes()), '.balign 4, 0'];
    return [line(item, labels, name)];
  });
}

function line({ mnemonic, operands }: Instruction, labels: ReadonlyMap<string, number>, name: (label: string) => string): string {
  const { text, fields } = rowOf(mnemonic);
  const shown = new Map(fields.map(({ letter }, i) => [letter, show(letter, operands[i], labels, name, mnemonic === 'pop' ? 'pc' : 'lr')]));
  // The first letters are the instruction's own, and `sp` is a register's name.
  const at = text.indexOf(' ');
  return text.slice(0, at) + text.slice(at).replace(/sp|[dnmihwlkK]/g, (letter) => shown.get(letter) ?? letter);
}

function show(
  letter: string,
  operand: Operand,
  labels: ReadonlyMap<string, number>,
  name: (label: string) => string,
  ninth: string,
): string {
  if (typeof operand === 'string') return name(operand);
  const number = resolve(operand, 0, labels);
  if (letter === 'l') return `{${listed(number, ninth)}}`;
  return 'dnm'.includes(letter) ? (REGISTERS[number] ?? `r${number}`) : String(number);
}

const REGISTERS: { readonly [register: number]: string } = { 13: 'sp', 14: 'lr', 15: 'pc' };

const listed = (mask: number, ninth: string): string =>
  [...Array(8).keys()]
    .filter((register) => (mask >> register) & 1)
    .map((register) => `r${register}`)
    .concat(mask > 255 ? [ninth] : [])
    .join(', ');
