import { readBytes, sizeOf } from '../bytes.ts';
import { collectLabels, MOST_LABELS } from '../labels.ts';
import { type CsvRecord, readRecords } from '../records.ts';
import type { DataSource } from '../source.ts';
import { type Format, headOf, isRefusal, type Raw, refuse } from './format.ts';

/**
 * One sample per record, its label in one column, numbers in all the others; values are kept as 32-bit floats. The first record is a header
 * where it has a cell `label` or more than one cell that is no number. The label's column is the one headed `label`, else the spec's choice,
 * else whichever of the training file's first and last can hold labels and has at least two different ones.
 */
export const csv: Format = {
  async read(files, _split, source) {
    const column = await labelColumn(files.samples, source);
    if (typeof column === 'string') return refuse('samples', column);
    const raw = await readTable(files.samples, column);
    return typeof raw === 'string' ? refuse('samples', raw) : raw;
  },
  async head(files, split, source) {
    if ((await sizeOf(files.samples)) > LARGEST_HEAD) return undefined;
    const raw = await csv.read(files, split, source);
    return isRefusal(raw) ? raw : headOf(raw);
  },
};

/** A file up to this size is small enough to be read for its head. */
const LARGEST_HEAD = 2 ** 22;
const MOST_VALUES = 2 ** 29;

/** Counted from the left, or -1 for the last. */
type Column = number;

async function labelColumn(path: string, source: DataSource): Promise<Column | string> {
  const headed = await readBytes(path, async (bytes) => {
    for await (const record of readRecords(bytes)) {
      if (typeof record === 'string') return record;
      if (record.cells.length < 2) return 'has one column; values and a label, separated by commas, are expected';
      return headedColumn(record) ?? null;
    }
    return 'holds no samples';
  });
  if (headed !== null) return headed;
  if (source.labelColumn) return source.labelColumn === 'first' ? 0 : -1;
  return likelyColumn(source.train.samples);
}

/** Reads the training file once for the columns that can hold labels. */
const likelyColumn = (path: string): Promise<Column | string> =>
  readBytes(path, async (bytes) => {
    const candidates = new Map<Column, Set<string>>([
      [0, new Set()],
      [-1, new Set()],
    ]);
    let first = true;
    for await (const record of readRecords(bytes)) {
      if (typeof record === 'string') return record;
      if (!(first && isHeader(record)))
        for (const [column, seen] of candidates) {
          seen.add(labelName(record.cells.at(column)!));
          if (!isLabel(record.cells.at(column)!) || seen.size > MOST_LABELS) candidates.delete(column);
        }
      first = false;
      if (candidates.size === 0) return 'has labels neither in its first nor in its last column';
    }
    const fit = [...candidates].filter(([, seen]) => seen.size > 1);
    if (fit.length === 1) return fit[0][0];
    return fit.length === 0
      ? 'has one and the same value in its first and in its last column, where the labels should be'
      : 'could have its labels in the first or in the last column; head the column `label`, or say which';
  });

async function readTable(path: string, column: Column): Promise<Raw | string> {
  return readBytes(path, async (bytes) => {
    let width = 0;
    let count = 0;
    let values = new Float32Array(1 << 12);
    const labels: string[] = [];
    for await (const record of readRecords(bytes)) {
      if (typeof record === 'string') return record;
      const { line, cells } = record;
      if (width === 0) {
        width = cells.length;
        if (isHeader(record)) continue;
      }
      if (cells.length !== width) return `has ${cells.length} cells in line ${line}; ${width} are expected, as in line 1`;
      const end = (count + 1) * (width - 1);
      if (end > MOST_VALUES) return `holds more than ${MOST_VALUES} values`;
      if (end > values.length) values = grow(values, Math.min(Math.max(end, values.length * 2), MOST_VALUES));
      const fault = fillRow(values.subarray(end - (width - 1), end), cells, column, line);
      if (fault) return fault;
      labels.push(labelName(cells.at(column)!));
      count++;
    }
    if (count === 0) return 'holds no samples';
    const collected = collectLabels(labels);
    return typeof collected === 'string'
      ? collected
      : { count, extents: [width - 1], labels: collected, values: values.slice(0, count * (width - 1)) };
  });
}

function fillRow(row: Float32Array, cells: readonly string[], labelAt: Column, line: number): string | undefined {
  const label = labelAt < 0 ? cells.length + labelAt : labelAt;
  if (cells[label].trim() === '') return `has no label in line ${line}`;
  for (let cell = 0, to = 0; cell < cells.length; cell++) {
    if (cell === label) continue;
    const value = parseNumber(cells[cell]);
    if (Number.isNaN(value)) return `holds '${cells[cell].slice(0, 20)}' in line ${line}, column ${cell + 1}; a number is expected`;
    row[to++] = value;
  }
  return undefined;
}

function grow(values: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(length);
  larger.set(values);
  return larger;
}

function headedColumn({ cells }: CsvRecord): Column | undefined {
  const column = cells.findIndex((cell) => cell.trim().toLowerCase() === 'label');
  return column < 0 ? undefined : column;
}

const isHeader = (record: CsvRecord): boolean =>
  headedColumn(record) !== undefined || record.cells.filter((cell) => Number.isNaN(parseNumber(cell))).length > 1;

/** A word, or a whole number. */
const isLabel = (cell: string): boolean => {
  const value = parseNumber(cell);
  return Number.isNaN(value) ? cell.trim() !== '' : Number.isSafeInteger(value);
};

/** Numbers are labels by their value, so that `3`, `03` and `3.0` are one. */
const labelName = (cell: string): string => {
  const value = parseNumber(cell);
  return Number.isNaN(value) ? cell.trim() : String(value);
};

/** The number written in a cell, NaN where there is none: decimal, with spaces around it or not. */
function parseNumber(cell: string): number {
  if (cell.length <= 3) {
    const whole = parseDigits(cell);
    if (whole >= 0) return whole;
  }
  return DECIMAL.test(cell) ? Number(cell) : Number.NaN;
}

const DECIMAL = /^ *[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)? *$/i;

/** Most cells of images are bytes: quicker than by pattern. -1 where it is not digits alone. */
function parseDigits(cell: string): number {
  let value = cell === '' ? -1 : 0;
  for (let i = 0; i < cell.length; i++) {
    const digit = cell.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
