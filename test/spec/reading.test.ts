import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRandom, type Random } from '../../server/random.ts';
import { linesOf } from '../../server/spec/lines.ts';
import { isMap, keyText } from '../../server/spec/node.ts';
import { readFast, readSource, readWhole } from '../../server/spec/source.ts';
import { handWritten } from '../editor/specs.ts';
import { example } from './example.ts';

/** 100,000 take a minute or two: `SPARSE_EDITS=100000`. */
const EDITS = Number(process.env.SPARSE_EDITS ?? 4000);

const digits = readFileSync(new URL('../../media/examples/digits/digits.sparse.yaml', import.meta.url), 'utf8');

/** What YAML can do and specs seldom need. */
const strange = `name: a
data:
  train:
    samples: x
    labels: y
  classes:
  - a
  - "b c"
  - 'it''s'
  shape: [
    28,
    28, 1 ]
network:
  - conv2d:
      filters: 8
      kernel: [3, 3]
    name: first  # comment
  -
    dense: 10
  # another
  - - a
    - b
  - relu
note: |
  some
   text

last: >-
  folded
  more
`;
/** Sections so long that they are remembered from one text to the next. */
const long = example.replace(
  '  - relu\n',
  '  - conv2d:\n      filters: 8\n      kernel: 3 # small\n    name: again\n  - relu\n'.repeat(12),
);
const texts = [example, digits, handWritten, strange, long, example.replace('zero, one', 'нуль, 一')];
const specs = [...texts, ...texts.map((text) => text.replaceAll('\n', '\r\n'))];

const PIECES = [
  ...':-{}[],#"\'& \t\n\\@`!',
  ...['\r\n', '\r', '  ', '\n\n', '---\n', '...\n', '%a\n', '? ', ': ', '- ', '  - ', '# x\n', '|\n', '>\n'],
  ...['é', '網', '😀', '\u00a0', '\ufeff', '*a', '&a ', '!t ', '<<: ', '__proto__: ', '""', "''", '{a: 1}', 'a: b', '1: 2\n'],
  ...['2 KB', 'ram', '- relu\n', 'kernel: 3', 'null', '~', 'true', '1e3', '.5', '0x1F', '0o17', '.inf', '-', '-1', '0', '9', '%', 'key'],
];

function edited(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  const put = (start: number, end: number, inserted: string) => text.slice(0, start) + inserted + text.slice(end);
  const some = random.integer(10);
  if (some < 5) return put(at, at, PIECES[random.integer(PIECES.length)]);
  if (some < 8) return put(at, at + 1 + random.integer(3), '');
  if (some < 9) return put(at, (text.indexOf('\n', at) + 1 || text.length + 1) - 1, '');
  const from = random.integer(text.length + 1);
  return put(at, at, text.slice(from, from + random.integer(60)));
}

test(`after each of ${EDITS} random edits a text without a syntax error is read as the YAML library reads it, and no other is`, () => {
  const random = createRandom(Number(process.env.SPARSE_SEED ?? 1)).fork('reading');
  let sound = 0;
  for (let done = 0; done < EDITS; ) {
    let text = specs[random.integer(specs.length)];
    for (let edits = 1 + random.integer(6); edits > 0 && done < EDITS; edits--, done++) {
      text = edited(text, random);
      if (sameReading(text)) sound++;
    }
  }
  assert.ok(sound > EDITS / 8, `only ${sound} of ${EDITS} texts were sound`);
});

/** Whether the text is sound, the same for both. */
function sameReading(text: string): boolean {
  const lines = linesOf(text);
  const [fast, whole] = [readFast(lines), readWhole(lines)];
  const place = JSON.stringify(text);
  const hasErrors = (read: typeof fast) => typeof read === 'number' || read.errors.length > 0;
  assert.equal(hasErrors(fast), hasErrors(whole), place);
  if (hasErrors(whole)) return false;
  if (JSON.stringify(fast) !== JSON.stringify(whole)) assert.deepEqual(fast, whole, place);
  assert.deepEqual(readSource(text).faults, readSource(text, readWhole).faults, place);
  return true;
}

test('what is rare in specs is read as the YAML library reads it', () => {
  const rare = [
    ...[
      '',
      '\n',
      '# nothing but this',
      '   \n# a\n',
      '\ufeffname: a',
      'name',
      '- a\n- b: c\n  d: e\n-   - f\n-',
      '  name: a\n  data: b',
      'a: 1\n b: 2',
    ],
    ...[
      'a:\n- b\n- c\nd: e',
      'a:\n  - b\n  c: d',
      'a: b\n  c',
      'a: "b\n  c"',
      "a: 'b''c'",
      'a: "b\\n"',
      '"a b": c',
      "'a': b",
      'a : b',
      '? a\n: b',
      ': a',
    ],
    ...[
      'a: { b }',
      'a: { b: , c: }',
      'a: [b, c, ]',
      'a: [ , ]',
      'a: { "b":c }',
      'a: [b: c]',
      'a: [[1, [2]], { c: [3] }]',
      'a: [1, 2] # c',
      'a: [1, 2]# c',
    ],
    ...[
      'a: b #c',
      'a: b#c',
      'a: #c',
      'a:   # c\nb: c',
      'a: -',
      'a: -1',
      'a: - b',
      'a: ?b',
      'a: :b',
      'a: @b',
      'a: %b',
      'a: b: c',
      'a: b:c',
      'a: b:',
    ],
    ...[
      'a: *b',
      'a: &b c',
      'a: !b c',
      '<<: a',
      'a: |\n  b\nc: d',
      'a: |+\n  b\n\n\nc: d',
      '--- a: b',
      '%YAML 1.2\n---\na: b',
      'a: b\n---\nc: d',
      'a: b\n...\n',
    ],
    ...[
      'a: 0x1F',
      'a: 0o17',
      'a: 017',
      'a: +1',
      'a: 1_000',
      'a: .5',
      'a: 5.',
      'a: 1e3',
      'a: -.inf',
      'a: .NaN',
      'a: 1e999',
      'a: ~',
      'a: NULL',
      'a: Yes',
    ],
    ...[
      'a: 12345678901234567890',
      'a: 0.1e-7',
      'a: --1',
      'a: 1.2.3',
      '1: 2',
      'true: false',
      'null: ~',
      'a\tb: c',
      'a: b\tc',
      '\ta: b',
      'a: b\rc: d',
    ],
    ...[
      'a:\u00a0b',
      'a: \u2028b',
      'a: b\u0085',
      'a: 😀 😀',
      '__proto__: { a: 1 }',
      'constructor: 1',
      `${'k'.repeat(1100)}: a`,
      `a: ${'['.repeat(9)}${']'.repeat(9)}`,
    ],
    ...[
      `a: ${'['.repeat(40)}`,
      Array.from({ length: 20 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      '- '.repeat(20),
      'a: b\n\n\n  # c\nd: e',
    ],
  ];
  for (const text of rare) for (const each of [text, `${text}\n`, `x: y\n${text}\nz: 1`, text.replaceAll('\n', '\r\n')]) sameReading(each);
});

test('a value that is not closed leaves all sections but its own as they are', () => {
  const sections = sectionsOf(example);
  for (const [offset, open] of [...example.matchAll(/: (?=\w)/g)].flatMap(({ index }) =>
    ['[', '{', '"', "'"].map((open) => [index + 2, open] as const),
  )) {
    const text = example.slice(0, offset) + open + example.slice(offset);
    const { value, faults } = readSource(text);
    const own = example.slice(0, offset).match(/^\w+/gm)!.at(-1)!;
    assert.ok(faults.length > 0, text);
    for (const section of sections.filter((each) => each !== own))
      assert.deepEqual(
        (value as { [key: string]: unknown })[section],
        (readSource(example).value as { [key: string]: unknown })[section],
        text,
      );
  }
});

test('a word without its colon leaves all sections as they are, wherever it stands', () => {
  const { value } = readSource(example);
  const sections = sectionsOf(example);
  const starts = [...example.matchAll(/^\w/gm)].map(({ index }) => index);
  for (const at of starts) {
    const read = readSource(`${example.slice(0, at)}sea\n${example.slice(at)}`);
    assert.equal(read.faults.length, 1);
    assert.equal(read.faults[0].start, at);
    assert.deepEqual(read.value, value);
    assert.deepEqual(isMap(read.root) && read.root.pairs.map(keyText), sections);
  }
});

const sectionsOf = (text: string): string[] => text.match(/^\w+(?=:)/gm)!;
