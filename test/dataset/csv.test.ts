import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytesOf } from '../../server/dataset/bytes.ts';
import { csv } from '../../server/dataset/formats/csv.ts';
import { isRefusal } from '../../server/dataset/formats/format.ts';
import { LONGEST_RECORD, readRecords } from '../../server/dataset/records.ts';
import { put, source, temporaryFolder } from './files.ts';

const folder = temporaryFolder();

const records = async (text: string | Uint8Array): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const record of readRecords(bytesOf(Buffer.from(text)))) found.push(typeof record === 'string' ? record : [...record.cells]);
  return found;
};

test('any table of any text survives writing and reading', async () => {
  const cell = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^[a",\n\r ]{0,6}$/));
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean(), async (rows, newline, last, quoteAll) => {
      const text = rows.map((row) => row.map((text) => writeCell(text, quoteAll)).join(',')).join(newline) + (last ? newline : '');
      fc.pre(!/(^|\n)\r?(\n|$)/.test(text)); // a record of one empty cell without quotes is an empty line
      assert.deepEqual(await records(text), rows);
    }),
    { numRuns: 500 },
  );
});

test('text that breaks the rules is refused at its line', async () => {
  const cases: [string | Uint8Array, unknown][] = [
    ['a,b\n\nc,d\n', 'line 2 is empty'],
    ['a,"b', 'line 1 opens a quote that is never closed'],
    ['a\n"b\nc', 'line 2 opens a quote that is never closed'],
    ['a,b"c"', 'line 1 has a misplaced quote or carriage return in cell 2'],
    ['"a"b,c', 'line 1 has a misplaced quote or carriage return in cell 1'],
    ['"a\nb"\nc"\n"', 'line 3 has a misplaced quote or carriage return in cell 1'],
    ['a\rb', 'line 1 has a carriage return that ends no line'],
    ['x'.repeat(LONGEST_RECORD + 1), `line 1 begins a record of more than ${LONGEST_RECORD} characters`],
    [`"${'\n'.repeat(LONGEST_RECORD)}`, `line 1 begins a record of more than ${LONGEST_RECORD} characters`],
  ];
  for (const [text, message] of cases) assert.deepEqual((await records(text)).at(-1), message);
  assert.deepEqual(await records(''), []);
  assert.deepEqual(await records('\ufeffa,b\r\n'), [['a', 'b']]);
  assert.deepEqual(await records(`"${'""'.repeat(100_000)}"`), [['"'.repeat(100_000)]]);
});

const read = async (text: string | Uint8Array, choice: 'first' | 'last' | undefined = undefined) => {
  const files = { samples: put(folder, 'train.csv', text) };
  const raw = await csv.read(files, 'train', source({ format: 'csv', train: files, labelColumn: choice }));
  return isRefusal(raw)
    ? `${raw.part}: ${raw.message}`
    : { values: Array.from(raw.values), extents: raw.extents, labels: Array.from(raw.labels.index, (place) => raw.labels.names[place]) };
};

test('the label is found by its heading, by what can be one, or where the spec says', async () => {
  const first = { values: [0.5, 1, 2.5, 3], extents: [2], labels: ['7', '8'] };
  assert.deepEqual(await read('7,0.5,1\n8,2.5,3\n', 'first'), first);
  assert.deepEqual(await read('label,a,b\n7,0.5,1\n8,2.5,3\n'), first);
  assert.deepEqual(await read('a,Label,b\n0.5,7,1\n2.5,8,3\n'), first);
  assert.deepEqual(await read('a,b,c\n0.5,1,7\n2.5,3,8\n', 'last'), first);
  assert.deepEqual(await read('0.5,1,cat\n2.5,3,"dog, wet"\n'), { ...first, labels: ['cat', 'dog, wet'] });
  assert.deepEqual(await read('7,0.5,1\n8,2.5,1\n'), { ...first, values: [0.5, 1, 2.5, 1] });
  assert.deepEqual(await read('7.0,.5,+1e0\n 08 ,2.5, 3\n', 'first'), first);
  assert.deepEqual(await read(gzipSync('label,a,b\n7,0.5,1\n8,2.5,3\n')), first);
  assert.match(String(await read('7,0.5,1\n8,2.5,3\n')), /samples: could have its labels in the first or in the last column/);
  assert.match(String(await read('7,0.5,1\n7,2.5,1\n')), /samples: has one and the same value in its first and in its last/);
  assert.match(String(await read('0.1,0.5,1.5\n0.7,2.5,1.5\n')), /samples: has labels neither in its first nor in its last column/);
});

test('the test file’s labels stand where the training file’s do', async () => {
  const train = { samples: put(folder, 'a.csv', '0.5,1\n1.5,2\n') };
  const test = { samples: put(folder, 'b.csv', '5,1\n6,2\n') };
  const raw = await csv.read(test, 'test', source({ format: 'csv', train, test }));
  assert.ok(!isRefusal(raw));
  assert.deepEqual(Array.from(raw.values), [5, 6]);
});

test('a broken table is refused with its place', async () => {
  const cases: [string | Uint8Array, RegExp][] = [
    ['', /samples: holds no samples/],
    ['label,a\n', /samples: holds no samples/],
    ['label\n1\n', /samples: has one column/],
    ['label;a;b\n1;2;3\n', /samples: has one column/],
    ['label,a,b\n1,2,3\n1,2\n', /samples: has 2 cells in line 3; 3 are expected, as in line 1/],
    ['label,a,b\n1,2,x\n', /samples: holds 'x' in line 2, column 3; a number is expected/],
    ['label,a,b\n1,,3\n', /samples: holds '' in line 2, column 2/],
    ['label,a,b\n1,0x10,3\n', /samples: holds '0x10'/],
    ['label,a,b\n1,nan,3\n', /samples: holds 'nan'/],
    ['label,a,b\n ,2,3\n', /samples: has no label in line 2/],
    ['label,a,b\n1,2,3\n\n1,2,3\n', /samples: line 3 is empty/],
    [Buffer.from([0x6c, 0xff, 0xfe]), /is not UTF-8 text/],
    [`label,a\n${Array.from({ length: 1025 }, (_, i) => `${i},1`).join('\n')}`, /holds more than 1024 different labels/],
  ];
  for (const [text, reason] of cases) assert.match(String(await read(text)), reason);
});

const writeCell = (text: string, always: boolean): string => (always || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
