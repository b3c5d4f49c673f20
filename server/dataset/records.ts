import type { Bytes } from './bytes.ts';

/** One record of a CSV file; `line`, from 1, is where it begins (a quoted cell may hold line breaks). */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] };

export const LONGEST_RECORD = 2 ** 23;

/**
 * Splits a UTF-8 file into records of comma-separated cells by RFC 4180: a cell may stand in double quotes, a quote in it is doubled; lines end in LF or CRLF.
 * A string says where the text breaks these rules, and is the last that comes.
 */
export async function* readRecords(bytes: Bytes): AsyncGenerator<CsvRecord | string> {
  let line = 0;
  let first = 1;
  let open: string[] = [];
  let length = 0;
  let quotes = 0;
  for await (const lines of readLines(bytes))
    for (const text of lines) {
      line++;
      if (open.length === 0) first = line;
      open.push(text);
      length += text.length + 1;
      quotes += countQuotes(text);
      if (length > LONGEST_RECORD) return yield `line ${first} begins a record of more than ${LONGEST_RECORD} characters`;
      if (quotes % 2 === 1) continue;
      const cells = splitCells(open.join('\n').replace(/\r$/, ''));
      if (typeof cells === 'string') return yield `line ${first} ${cells}`;
      yield { line: first, cells };
      open = [];
      length = 0;
      quotes = 0;
    }
  if (open.length > 0) yield `line ${first} opens a quote that is never closed`;
}

function splitCells(text: string): string[] | string {
  if (text === '') return 'is empty';
  if (text.includes('"')) return splitQuoted(text);
  return text.includes('\r') ? 'has a carriage return that ends no line' : text.split(',');
}

function splitQuoted(text: string): string[] | string {
  const cells: string[] = [];
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(text);
    if (!match) return `has a misplaced quote or carriage return in cell ${cells.length + 1}`;
    const [, quoted, plain, end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

/** The file's lines without their line feed, some at a time; none after the last line feed. A byte order mark is dropped. A line that grows too long comes unfinished. */
async function* readLines(bytes: Bytes): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let left = '';
  for await (const chunk of bytes.rest()) {
    const lines = (left + decoder.decode(chunk, { stream: true })).split('\n');
    left = lines.pop()!;
    yield lines;
    if (left.length > LONGEST_RECORD) yield [left];
  }
  left += decoder.decode();
  if (left !== '') yield [left];
}
