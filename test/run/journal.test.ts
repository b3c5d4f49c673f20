import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { beginJournal, type JournalWriter, journalPath, readJournal, resumeJournal } from '../../server/run/journal.ts';
import { isHolder } from '../../server/run/lock.ts';
import { LONGEST_LINE, MOST_FAULTS, parseJournal } from '../../server/run/parse.ts';
import type { JournalRecord } from '../../server/run/record.ts';
import { stateOf, unstarted } from '../../server/run/state.ts';
import { header, journalOf } from './records.ts';

const records: JournalRecord[] = [
  ...journalOf(8),
  { type: 'refused', atMs: 1_009_000, refused: 640, duplicates: 3 },
  { type: 'interrupted', atMs: 1_009_500, reason: 'SIGINT' },
  { type: 'resumed', atMs: 2_000_000, engine: 'wasm-relaxed', versions: {}, workers: 1 },
  { type: 'finished', atMs: 2_001_000, chosen: 3, reason: 'all trials are done', measures: { test: 0.97 } },
  { type: 'failed', atMs: 2_002_000, reason: 'no space left' },
];
const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

test('what is appended is read, in order', (t) => {
  const folder = folderOf(t);
  const writer = begin(folder);
  for (const record of records.slice(1)) writer.append(record);
  const journal = readJournal(folder);
  assert.deepEqual(journal.records, records);
  assert.deepEqual(journal.header, header);
  assert.deepEqual([journal.faults, journal.refused, journal.tornBytes], [[], undefined, 0]);
  assert.equal(readFileSync(journalPath(folder)).length, journal.wholeBytes);
  writer.close();
});

test('a journal longer than the piece it is read in is read whole', (t) => {
  const folder = folderOf(t);
  const long = journalOf(60);
  const writer = begin(folder, 'close');
  for (const record of long.slice(1)) writer.append(record);
  writer.close();
  assert.ok(readFileSync(journalPath(folder)).length > 3 << 16);
  assert.deepEqual(readJournal(folder).records, long);
});

test('a torn last line is left out, reported, and cut off by the process that goes on', (t) => {
  const folder = folderOf(t);
  begin(folder).close();
  appendFileSync(journalPath(folder), '{"type":"told","at');
  assert.equal(readJournal(folder).tornBytes, 18);
  assert.deepEqual(readJournal(folder).records, [header]);
  const resumed = resume(folder);
  assert.deepEqual(resumed.journal.records, [header]);
  resumed.writer.append(records[1]);
  resumed.writer.close();
  assert.deepEqual(readJournal(folder).records, [header, records[1]]);
  assert.equal(readJournal(folder).tornBytes, 0);
});

test('a line that was cut just before its end is not yet a record', () => {
  assert.equal(parseJournal(bytes.subarray(0, -1)).records.length, records.length - 1);
});

test('only one process writes a run', (t) => {
  const folder = folderOf(t);
  const writer = begin(folder);
  const other = resumeJournal(folder);
  assert.ok('pid' in other && isHolder(other) && other.pid === process.pid);
  writer.close();
  resume(folder).writer.close();
  assert.throws(() => beginJournal(folder, header), /EEXIST/);
  resume(folder).writer.close();
});

test('a record that no reader would take is a bug of the writer', (t) => {
  const folder = folderOf(t);
  const writer = begin(folder);
  const told = records.find((record) => record.type === 'told')!;
  assert.throws(() => writer.append({ ...told, trial: { ...told.trial, accuracy: Number.NaN } } as JournalRecord));
  assert.throws(() => writer.append({ ...told, extra: 1 } as JournalRecord), /extra/);
  assert.deepEqual(readJournal(folder).records, [header]);
  writer.close();
  assert.throws(() => writer.append(told), /closed/);
});

test('no journal, an empty one, another version and other files are refused with the reason', (t) => {
  const folder = folderOf(t);
  const refusedOf = (text: string) => {
    writeFileSync(journalPath(folder), text);
    return readJournal(folder).refused;
  };
  assert.match(readJournal(folder).refused!, /journal\.jsonl cannot be read/);
  assert.match(refusedOf('')!, /no header/);
  assert.match(refusedOf(JSON.stringify(header))!, /no header/);
  assert.match(refusedOf(`${JSON.stringify({ ...header, version: 2 })}\n`)!, /format version 2; this program reads version 1/);
  assert.match(refusedOf(`${JSON.stringify(records[1])}\n`)!, /does not begin with a header/);
  assert.match(refusedOf('null\n')!, /does not begin with a header/);
  assert.match(refusedOf(`${JSON.stringify({ ...header, specHash: 'x' })}\n`)!, /^specHash/);
  assert.deepEqual(Object.keys(resumeJournal(folder)), ['refused']);
});

test('bad lines are left out by number and reason; their count is kept, their list bounded', () => {
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const told = records.find((record) => record.type === 'told')!;
  const text = [
    line(header),
    'garbage\n',
    line({ type: 'rumour', atMs: 1 }),
    line({ ...told, atMs: -1 }),
    line(header),
    `"${'x'.repeat(LONGEST_LINE)}"\n`,
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    line(told),
  ];
  const journal = parseJournal(Buffer.concat(text.map((part) => Buffer.from(part))));
  assert.deepEqual(journal.records, [header, told]);
  assert.deepEqual(
    journal.faults.map((fault) => fault.line),
    [2, 3, 4, 5, 6, 7],
  );
  assert.match(journal.faults[2].message, /^atMs/);
  const many = parseJournal(Buffer.from(line(header) + 'x\n'.repeat(500)));
  assert.deepEqual([many.faults.length, many.faultCount], [MOST_FAULTS, 500]);
});

test('every prefix of a journal is a journal, whose state is that of its whole lines', () => {
  const ends = records.map(
    (_, index) =>
      bytes
        .subarray(0)
        .toString()
        .split('\n')
        .slice(0, index + 1)
        .join('\n').length + 1,
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length }), (cut) => {
      const journal = parseJournal(bytes.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      assert.deepEqual(journal.records, records.slice(0, whole));
      assert.equal(journal.wholeBytes + journal.tornBytes, cut);
      assert.deepEqual(stateOf(journal.records), whole === 0 ? unstarted : stateOf(records.slice(0, whole)));
    }),
    { numRuns: 300 },
  );
});

test('flipped, lost and repeated bytes never throw, and touch only the lines that they are in', () => {
  const damage = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      kind: fc.constantFrom('flip', 'drop', 'repeat'),
      byte: fc.integer({ min: 0, max: 255 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(damage, (hits) => {
      const parts = [...bytes];
      for (const { at, kind, byte } of hits) {
        if (kind === 'flip') parts[at] = byte;
        else parts.splice(at, kind === 'drop' ? 1 : 0, ...(kind === 'repeat' ? [parts[at]] : []));
      }
      const journal = parseJournal(Uint8Array.from(parts));
      const state = stateOf(journal.records);
      assert.ok(Number.isFinite(state.spentMs) && state.front.length <= state.trials.length);
      if (journal.refused === undefined) assert.ok(journal.records.length >= records.length - 2 * hits.length);
    }),
    { numRuns: 300 },
  );
});

test('any bytes at all, in any pieces, never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => void stateOf(parseJournal(noise).records)));
  fc.assert(fc.property(fc.json(), (json) => void stateOf(parseJournal(Buffer.from(`${JSON.stringify(header)}\n${json}\n`)).records)));
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function begin(folder: string, durability?: 'record' | 'close'): JournalWriter {
  const writer = beginJournal(folder, header, durability);
  if (isHolder(writer)) throw new Error('held');
  return writer;
}

function resume(folder: string): Extract<ReturnType<typeof resumeJournal>, { writer: unknown }> {
  const resumed = resumeJournal(folder);
  if (!('writer' in resumed)) throw new Error(JSON.stringify(resumed));
  return resumed;
}
