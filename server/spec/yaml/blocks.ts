import type { Lines } from '../lines.ts';
import { blockList, blockMap, type Mapping, movedPair, type Node, type Pair } from '../node.ts';
import { type Content, contentLines, isDashAt } from './content.ts';
import { inlineValue, isBare, keyAt, nothing, skipSpaces } from './flow.ts';

/** Reads an entry that is odd, from the beginning of its line: a mapping or a list with nothing but it. Undefined where it does not stand alone. */
export type ReadOdd = (start: number, end: number, column: number, depth: number) => Node | undefined;

/**
 * Reads the YAML that specs are written in, line by line: mappings and lists on lines of their own, values on one line. An entry with anything else in it
 * goes to `odd`. Undefined where the text as a whole is not of this kind; null where nothing is written.
 */
export function readBlocks(lines: Lines, odd: ReadOdd): Node | null | undefined {
  const found = contentLines(lines);
  if (!found) return undefined;
  if (found.at.length === 0) return null;
  const blocks = new Blocks(lines.text, found, odd);
  const root = blocks.block(0, found.at.length, 0);
  if (blocks.sections.size > 0) before = blocks.sections;
  return root;
}

/** The long sections of the last text: most of them are in the next one, too, and need not be read again. */
let before: ReadonlyMap<string, Section> = new Map();
type Section = { readonly start: number; readonly pair: Pair };
const LONG_SECTION = 500;

/** So deep no spec is; the library knows the bound. */
const DEEPEST_BLOCK = 12;

class Blocks {
  private readonly text: string;
  private readonly lines: Content;
  private readonly odd: ReadOdd;
  /** How often help was asked for. */
  private asked = 0;
  /** Those that were read without help. */
  readonly sections = new Map<string, Section>();

  constructor(text: string, lines: Content, odd: ReadOdd) {
    this.text = text;
    this.lines = lines;
    this.odd = (...entry) => {
      this.asked++;
      return odd(...entry);
    };
  }

  /** What stands on the lines from `from` up to `to`. */
  block(from: number, to: number, depth: number): Node | undefined {
    if (depth > DEEPEST_BLOCK) return undefined;
    const column = this.lines.column[from];
    return this.isDash(from) ? this.list(from, to, column, depth) : this.map(from, to, column, depth);
  }

  private map(from: number, to: number, column: number, depth: number): Mapping | undefined {
    const start = this.lines.at[from];
    const pairs: Pair[] = [];
    let before = from;
    for (let line = from; line < to; ) {
      if (this.lines.column[line] !== column || this.isDash(line)) return undefined;
      let end = this.entryEnd(line, to, column, true);
      const pair = depth === 0 ? this.section(line, end, column) : this.pair(line, end, column, depth);
      if (pair) pairs.push(pair);
      else {
        let read = this.oddPairs(line, end, column, depth);
        // A word without a colon makes one key of itself and of the next; the last one is read with the entry before it.
        if (!read && end < to) {
          end = this.entryEnd(end, to, column, true);
          read = this.oddPairs(line, end, column, depth);
        } else if (!read && before < line) {
          pairs.pop();
          read = this.oddPairs(before, end, column, depth);
        }
        if (!read) return undefined;
        pairs.push(...read);
      }
      before = line;
      line = end;
    }
    return blockMap(start, pairs);
  }

  private section(line: number, end: number, column: number): Pair | undefined {
    const start = this.lines.at[line];
    const length = this.textEnd(end) - start;
    if (length < LONG_SECTION) return this.pair(line, end, column, 0);
    const text = this.text.slice(start, start + length);
    const known = before.get(text);
    const asked = this.asked;
    const pair = known ? movedPair(known.pair, start - known.start) : this.pair(line, end, column, 0);
    if (pair && asked === this.asked) this.sections.set(text, { start, pair });
    return pair;
  }

  private oddPairs(line: number, end: number, column: number, depth: number): readonly Pair[] | undefined {
    const start = this.lines.at[line];
    const read = this.odd(start, this.textEnd(end), column, depth);
    if (read?.kind !== 'map' || read.flow || read.start !== start) return undefined;
    // Where a key that is left out would stand depends on what is before it.
    return read.pairs.every(({ key }) => key.end > key.start) ? read.pairs : undefined;
  }

  private list(from: number, to: number, column: number, depth: number): Node | undefined {
    const start = this.lines.at[from];
    const items: Node[] = [];
    for (let line = from; line < to; ) {
      if (this.lines.column[line] !== column || !this.isDash(line)) return undefined;
      const end = this.entryEnd(line, to, column, false);
      const dash = this.lines.at[line];
      const item = this.item(line, end, depth);
      if (item) items.push(item);
      else {
        const read = this.odd(dash, this.textEnd(end), column, depth);
        if (read?.kind !== 'list' || read.flow || read.start !== dash) return undefined;
        items.push(...read.items);
      }
      line = end;
    }
    return blockList(start, items);
  }

  private pair(line: number, end: number, column: number, depth: number): Pair | undefined {
    const { text, lines } = this;
    const found = keyAt(text, lines.at[line], lines.end[line]);
    if (!found) return undefined;
    const { key, colon } = found;
    const next = skipSpaces(text, colon + 1, lines.end[line]);
    if (!isBare(text, colon + 1, lines.end[line])) {
      const value = line + 1 === end ? inlineValue(text, next, lines.end[line]) : undefined;
      return value && { key, value };
    }
    if (line + 1 === end) return { key, value: nothing(next) };
    const value = lines.column[line + 1] >= column ? this.block(line + 1, end, depth + 1) : undefined;
    return value && { key, value };
  }

  private item(line: number, end: number, depth: number): Node | undefined {
    const { text, lines } = this;
    const dash = lines.at[line];
    const next = skipSpaces(text, dash + 1, lines.end[line]);
    if (isBare(text, dash + 1, lines.end[line])) return line + 1 === end ? nothing(next) : this.block(line + 1, end, depth + 1);
    const value = line + 1 === end ? inlineValue(text, next, lines.end[line]) : undefined;
    if (value) return value;
    // What follows the dash may be the first line of a block: it is read as if the dash were a space.
    const before = { at: dash, column: lines.column[line] };
    lines.at[line] = next;
    lines.column[line] += next - dash;
    const block = this.isDash(line) || keyAt(text, next, lines.end[line]) ? this.block(line, end, depth + 1) : undefined;
    lines.at[line] = before.at;
    lines.column[line] = before.column;
    return block;
  }

  /** The line behind an entry: all that is indented deeper belongs to it, and to a key the items of a list in its own column. */
  private entryEnd(line: number, to: number, column: number, isPair: boolean): number {
    let end = line + 1;
    while (end < to && (this.lines.column[end] > column || (isPair && this.lines.column[end] === column && this.isDash(end)))) end++;
    return end;
  }

  private isDash(line: number): boolean {
    return isDashAt(this.text, this.lines.at[line], this.lines.end[line]);
  }

  /** Where the text before a content line ends: comments, empty lines and indentation belong to what stands above them. */
  private textEnd(line: number): number {
    return this.lines.at[line] ?? this.text.length;
  }
}
