import { linesOf, lineText, rangeBetween } from '../lines.ts';
import { isList, isMap, keyText, type Node } from '../node.ts';
import type { Path, Range } from '../problem.ts';
import { schemasAt } from '../schema/walk.ts';
import type { Source } from '../source.ts';
import { type Kind, type KindName, kindOf } from '../units.ts';
import type { Caret } from './caret.ts';
import type { Completion } from './completion.ts';

const NAMES: readonly KindName[] = ['size', 'duration', 'share', 'frequency'];

/** The kind of quantity that may stand at a path. */
export function quantityAt(path: Path): Kind | undefined {
  const titles = schemasAt(path).map(({ title }) => title);
  const name = NAMES.find((each) => titles.includes(kindOf(each).allowed));
  return name && kindOf(name);
}

/** The units that may follow a number. */
export function units(text: string, { path, word }: Caret): Completion[] {
  const kind = quantityAt(path);
  if (!kind) return [];
  const line = lineText(linesOf(text), word.start.line);
  const typed = line.slice(word.start.character, word.end.character);
  const number = /^\d+(?:\.\d+)?/.exec(typed)?.[0] ?? '';
  const behindNumber = number !== '' || /\d\s+$/.test(line.slice(0, word.start.character));
  if (!behindNumber) return [];
  return Object.keys(kind.units).map((unit) => {
    const written = number === '' ? unit : `${number} ${unit}`;
    return { label: written, kind: 'unit', detail: meaning(kind, unit), snippet: written, range: word };
  });
}

const meaning = (kind: Kind, unit: string): string =>
  kind.units[unit] === 1 ? '' : `1 ${unit} = ${kind.units[unit]} ${BASES[kind.allowed]}`;

const BASES: { readonly [allowed: string]: string } = {
  [kindOf('size').allowed]: 'B',
  [kindOf('duration').allowed]: 's',
  [kindOf('share').allowed]: 'of 1',
  [kindOf('frequency').allowed]: 'Hz',
};

/** A part of a quantity, for colours. */
export type Token = { readonly range: Range; readonly type: 'number' | 'unit' };

/** The numbers and units of all quantities, in the order of the text. */
export function quantityTokens(source: Source): Token[] {
  const found: Token[] = [];
  const visit = (node: Node | null, path: Path): void => {
    if (isMap(node)) for (const pair of node.pairs) visit(pair.value, [...path, keyText(pair)]);
    else if (isList(node)) for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    else if (node?.kind === 'scalar' && quantityAt(path)) found.push(...tokensOf(source, node.start, node.end));
  };
  visit(source.root, []);
  return found;
}

function tokensOf(source: Source, start: number, end: number): Token[] {
  const [whole, before, number, gap, unit] = /^(["']?\s*)(\d+(?:\.\d+)?)(\s*)([A-Za-z%]*)/.exec(source.lines.text.slice(start, end)) ?? [];
  if (whole === undefined) return [];
  const at = start + before.length;
  const unitAt = at + number.length + gap.length;
  const numbers: Token = { range: rangeBetween(source.lines, at, at + number.length), type: 'number' };
  return unit === '' ? [numbers] : [numbers, { range: rangeBetween(source.lines, unitAt, unitAt + unit.length), type: 'unit' }];
}
