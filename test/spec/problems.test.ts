import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { type ExamineOptions, examine } from '../../server/spec/features/examine.ts';
import { linesOf, lineText, offsetAt } from '../../server/spec/lines.ts';
import { dataProblem, parseSpec } from '../../server/spec/parse.ts';
import { catalogue, type Problem } from '../../server/spec/problem.ts';
import { changed, example } from './example.ts';
import { golden } from './golden.ts';
import { marked } from './marks.ts';
import { fakePrice } from './price.ts';

type Row = readonly [code: string, text: string];

/** Each text has this one problem, at the mark. */
const rows: readonly Row[] = [
  ['tooLarge', `${example}${'#'.repeat(1 << 20)}`],
  ['tooLarge', `${example}${'\n- '.repeat(100_000)}`],
  ['tooDeep', `name: ${'['.repeat(32)}⟦[⟧`],
  ['tooDeep', `${Array.from({ length: 40 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}`],
  ['syntax', changed('kernel: 3, stride: 2, padding: same }', 'kernel: ⟦3 stride: 2⟧, padding: same }')],
  ['syntax', changed('[28, 28, 1]\n', '⟦[⟧28, 28, 1\n')],
  ['syntax', changed('reserve: { ram: 256 B, flash: 4 KB }', 'reserve: ⟦{⟧ ram: 256 B, flash: 4 KB')],
  ['syntax', changed('{ structured: [0, 0.5], unstructured: 0.8 }', '{ structured: ⟦[⟧0, 0.5, unstructured: 0.8 }')],
  ['syntax', changed('  - relu', '⟦\t⟧- relu')],
  ['syntax', changed('name: digits', 'name: ⟦"⟧digits')],
  ['syntax', changed('name: digits', '⟦name⟧\ndigits')],
  ['syntax', changed('chip: atmega328p', 'chip: ⟦atmega328p⟧: fast')],
  ['syntax', changed('chip: atmega328p', 'chip: ⟦@⟧tmega')],
  ['documents', `${example}⟦---⟧\nname: other\n`],
  ['alias', changed('chip: atmega328p', 'chip: ⟦*chip⟧')],
  ['alias', changed('ram: 2 KB', 'ram: ⟦&all⟧ 2 KB')],
  ['alias', changed('  ram: 2 KB', '  ⟦<<⟧: { ram: 2 KB }')],
  ['tag', changed('ram: 2 KB', 'ram: ⟦!size⟧ 2 KB')],
  ['duplicateKey', changed('  ram: 2 KB', '  ram: 2 KB\n  ⟦ram⟧: 1 KB')],
  ['deprecated', changed('epochs: 6', '⟦batchSize⟧: 32')],
  ['deprecated', changed('  shape:', '  ⟦normalize⟧: none\n  shape:')],
  ['unknownKey', changed('search:', '⟦serch⟧:')],
  ['unknownKey', changed('filters: 8', '⟦filtrs⟧: 8')],
  ['unknownKey', changed('seed: 7', 'seed: 7\n  ⟦colour⟧: red')],
  ['unknownKey', changed('- maxPool: 2', '- maxPool:\n      kernel: 2\n      ⟦inputs⟧: conv2')],
  ['missingKey', changed('name: digits\ndata:', '⟦data:⟧')],
  ['missingKey', changed('conv2d: { filters: 8, ', '⟦conv2d⟧: { ')],
  ['missingKey', changed('target:\n  chip: atmega328p', '⟦target⟧:')],
  ['missingValue', changed('ram: 2 KB', '⟦ram⟧:')],
  ['missingValue', changed('[28, 28, 1]', '').replace('  shape', '  ⟦shape⟧')],
  ['wrongType', '⟦- name⟧'],
  ['wrongType', changed('trials: 40', 'trials: ⟦many⟧')],
  ['wrongType', changed('trials: 40', 'trials: ⟦1.5⟧')],
  ['wrongType', changed('kernel: 3,', 'kernel: ⟦x⟧,')],
  ['wrongType', changed('{ samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }', '⟦train.gz⟧')],
  ['wrongType', changed('unstructured: 0.8', 'unstructured: [0, ⟦a⟧]')],
  ['unknownValue', changed('strategy: evolution', 'strategy: ⟦evolutoin⟧')],
  ['unknownValue', changed('- relu', '- ⟦rulu⟧')],
  ['unknownValue', changed('ops: [conv2d, separable]', 'ops: [conv2d, ⟦dense⟧]')],
  ['outOfRange', changed('trials: 40', 'trials: ⟦0⟧')],
  ['outOfRange', changed('kernel: 3,', 'kernel: ⟦[3, 3, 3]⟧,')],
  ['outOfRange', changed('objectives: [error, ram, flash]', 'objectives: ⟦[]⟧')],
  ['outOfRange', changed('learningRate: 0.004', 'learningRate: ⟦40⟧')],
  ['unit', changed('ram: 2 KB', 'ram: ⟦2 KBB⟧')],
  ['unit', changed('ram: 2 KB', 'ram: ⟦"2"⟧')],
  ['unit', changed('ram: 2 KB', 'ram: ⟦1.0001 KB⟧')],
  ['unit', changed('time: 3 min', 'time: ⟦soon⟧')],
  ['unit', changed('validation: 10 %', 'validation: ⟦10⟧')],
  ['identifier', changed('name: digits', 'name: ⟦My Digits⟧')],
  ['identifier', changed('- conv2d:', '- name: ⟦1st⟧\n    conv2d:')],
  ['bounds', changed('blocks: [1, 3]', 'blocks: ⟦[3, 1]⟧')],
  ['duplicateValue', changed('[error, ram, flash]', '[error, ram, ⟦error⟧]')],
  ['unknownChip', changed('atmega328p', '⟦atmega382p⟧')],
  ['unknownChip', changed('atmega328p', '⟦Pentium⟧')],
  ['overChip', changed('ram: 2 KB', 'ram: ⟦3 KB⟧')],
  ['noBudget', changed('reserve: { ram: 256 B', 'reserve: { ram: ⟦2 KB⟧')],
  ['format', changed('format: idx\n  train: { samples: data/train-images-idx3-ubyte.gz', 'train: { samples: ⟦data/train.dat⟧')],
  [
    'labels',
    changed('train: { samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz', '⟦train⟧: { samples: a'),
  ],
  [
    'labels',
    changed('format: idx', 'format: images')
      .replace(/labels: data.test-labels-idx1-ubyte.gz/, '')
      .replace('labels', '⟦labels⟧'),
  ],
  ['classes', changed('[zero, one,', '[zero, ⟦zero⟧,')],
  ['classes', changed('[zero, one, two, three, four, five, six, seven, eight, nine]', '{ low: [0, 1], high: ⟦[1, 2]⟧ }')],
  ['classes', changed('[zero, one, two, three, four, five, six, seven, eight, nine]', '⟦{ low: [0, 1] }⟧')],
  ['shares', changed('validation: 10 %', 'validation: ⟦0⟧')],
  ['shares', changed('validation: 10 %', 'validation: ⟦95 %⟧')],
  ['inputShape', changed('  shape: [28, 28, 1]\n', '').replace('network', '⟦network⟧')],
  ['operation', changed('- maxPool: 2', '- ⟦name: pool⟧')],
  ['operation', changed('- maxPool: 2', '- maxPool: 2\n    ⟦relu⟧:')],
  ['unknownLayer', changed('- maxPool: 2', '- maxPool: 2\n    inputs: [⟦cnv2⟧]')],
  ['layer', changed('- maxPool: 2', '- ⟦maxPool: 20⟧')],
  ['layer', changed('- relu', '- ⟦add⟧')],
  [
    'layer',
    changed('[28, 28, 1]', '[128, 1]').replace(
      'conv2d: { filters: 8, kernel: 3, stride: 2, padding: same }',
      '⟦conv2d: { filters: 8, kernel: 3 }⟧',
    ),
  ],
  ['outputs', changed('dense: 10', '⟦dense: 9⟧')],
  ['training', changed('learningRate: 0.004', 'warmup: ⟦6⟧')],
  ['training', changed('learningRate: 0.004', 'distillation: {}, augmentation: { mixup: ⟦0.2⟧ }')],
  ['training', changed('learningRate: 0.004', 'momentum: ⟦0.9⟧')],
  ['training', changed('learningRate: 0.004', 'optimiser: adam, weightDecay: ⟦0.1⟧')],
  ['training', changed('learningRate: 0.004', 'classWeights: { zero: 2, ⟦tree⟧: 3 }')],
  ['training', changed('{ structured: [0, 0.5], unstructured: 0.8 }', '{ method: ⟦feedback⟧ }')],
  ['training', changed('learningRate: 0.004', '⟦distillation⟧: { share: 30 % }').replace(/network:[\s\S]*?\nsearch/, 'search')],
];

/** Found on disk, or with a price; the price is made up, 100 B a channel. */
const pricedRows: readonly Row[] = [
  ['peak', changed('separable: { filters: 16, kernel: 3 }', '⟦separable: { filters: 16, kernel: 3 }⟧')],
  ['overRam', changed('separable: { filters: 16, kernel: 3 }', '⟦separable: { filters: 18, kernel: 3 }⟧').replace('  - maxPool: 2\n', '')],
  [
    'overRam',
    changed('error: 5 %', 'ram: 1500 B').replace(
      'separable: { filters: 16, kernel: 3 }\n  - maxPool: 2',
      '⟦separable: { filters: 16, kernel: 3 }⟧',
    ),
  ],
  ['overFlash', changed('flash: 4 KB', 'flash: 31 KB').replace('network', '⟦network⟧')],
];

const counts = (...trainCounts: number[]) => ({ shape: { height: 28, width: 28, channels: 1 }, classes: ['cat', 'dog'], trainCounts });
const priced3 = { faults: [], leastRamBytes: 300, leastFlashBytes: 2000, drawn: 100, fitting: 0 };
const searched = changed(example.slice(example.indexOf('network:'), example.indexOf('search:')), '');
const pets = changed('classes: [zero, one, two, three, four, five, six, seven, eight, nine]', 'classes: [cat, dog]').replace(
  'dense: 10',
  'dense: 2',
);
const shared = pets.replace(/ {2}test: .*\n/, '  testShare: 20 %\n').replace('validation: 10 %', 'validation: 50 %');

const uno = { file: 'platformio.ini', chip: 'atmega328p' };

/** Found outside the text: in the data on disk, in the search space, in the firmware project. */
const factRows: readonly (readonly [code: string, text: string, facts: Pick<ExamineOptions, 'data' | 'space' | 'project'>])[] = [
  [
    'data',
    changed('data/test-images-idx3-ubyte.gz', '⟦data/test-images-idx3-ubyte.gz⟧'),
    { data: { faults: [{ field: 'test.samples', message: 'is not there', hint: 'Get it.' }] } },
  ],
  ['fewSamples', pets.replace('10 %', '⟦10 %⟧'), { data: { faults: [], probe: counts(30, 9) } }],
  ['fewSamples', shared.replace('20 %', '⟦20 %⟧'), { data: { faults: [], probe: counts(4, 4) } }],
  [
    'unbalanced',
    pets.replace('data/train-labels-idx1-ubyte.gz', '⟦data/train-labels-idx1-ubyte.gz⟧'),
    { data: { faults: [], probe: counts(1001, 200) } },
  ],
  ['space', searched.replace('space', '⟦space⟧'), { space: { ...priced3, faults: ['branches: 1 blocks have room for 2, not for 3'] } }],
  ['noFit', searched.replace('2 KB', '⟦2 KB⟧'), { space: { ...priced3, excess: { limit: 'ram', value: 1800, allowed: 1792 } } }],
  [
    'noFit',
    searched.replace('error: 5 %', 'flash: ⟦1 KB⟧'),
    { space: { ...priced3, excess: { limit: 'flash', value: 2000, allowed: 1024 } } },
  ],
  [
    'noFit',
    searched.replace('error: 5 %', 'macs: ⟦1000⟧'),
    { space: { ...priced3, excess: { limit: 'macs', value: 1234, allowed: 1000 } } },
  ],
  ['fit', searched.replace('search', '⟦search⟧'), { space: { ...priced3, fitting: 38 } }],
  ['fit', searched.replace('search', '⟦search⟧'), { space: priced3 }],
  ['otherChip', changed('atmega328p', '⟦attiny3216⟧'), { project: uno }],
  ['projectChip', changed('target:\n  chip: atmega328p', '⟦target⟧:'), { project: uno }],
  ['missingKey', changed('target:\n  chip: atmega328p', '⟦target⟧:'), { project: { file: 'platformio.ini', chip: 'esp8266' } }],
  ['unknownChip', changed('atmega328p', '⟦zzzzzzzz⟧'), { project: uno }],
  ['overChip', changed('2 KB', '⟦2 KB⟧'), { project: { ...uno, ramBytes: 1500 } }],
];

test('every text has its one problem, at the mark', () => {
  const read = (text: string) => parseSpec(text).problems;
  const told = [
    ...rows.map(([code, text]) => check(code, text, read)),
    ...pricedRows.map(([code, text]) => check(code, text, priced)),
    ...factRows.map(([code, text, facts]) => check(code, text, (plain) => diagnose(examine(plain, facts)))),
  ];
  golden('problems', told.join('\n'));
});

test('every problem has a row', () => {
  const covered = new Set([...rows, ...pricedRows, ...factRows].map(([code]) => code));
  assert.deepEqual(
    Object.keys(catalogue).filter((code) => !covered.has(code)),
    [],
  );
});

test('every fix removes its problem and brings no other', () => {
  for (const [, text] of rows) {
    const { text: plain } = marked(text);
    for (const problem of parseSpec(plain).problems)
      for (const fix of problem.fixes ?? []) {
        const fixed = applied(plain, fix.edits[0].range, fix.edits[0].text);
        assert.deepEqual(parseSpec(fixed).problems, [], `${fix.title}: ${lineText(linesOf(fixed), problem.range.start.line)}`);
      }
  }
});

const priced = (text: string): readonly Problem[] =>
  diagnose(examine(text, { price: fakePrice })).filter(({ code }, _index, all) => code !== 'peak' || all.length === 1);

test('what is told of the data on disk is told alike to all callers', () => {
  const fault = { field: 'test.samples', message: 'is not there', hint: 'Get it.' } as const;
  assert.deepEqual(diagnose(examine(example, { data: { faults: [fault] } })), [dataProblem(parseSpec(example), fault)]);
});

function check(code: string, text: string, problemsOf: (text: string) => readonly Problem[]): string {
  const { text: plain, range } = marked(text);
  const problems = problemsOf(plain);
  assert.deepEqual(
    problems.map((problem) => problem.code),
    [code],
    `${code}: ${JSON.stringify(problems)} in\n${plain.slice(0, 2000)}`,
  );
  if (range) assert.deepEqual(problems[0].range, range, `${code}: ${describe(plain, problems[0])}`);
  return describe(plain, problems[0]);
}

/** As a compiler would print it. */
function describe(text: string, { code, severity, range, message, hint, fixes }: Problem): string {
  const line = lineText(linesOf(text), range.start.line).slice(0, 110);
  const width = range.end.line === range.start.line ? range.end.character - range.start.character : line.length - range.start.character;
  const rest = [`  ${message}`, ...(hint ? [`  ${hint}`] : []), ...(fixes ?? []).map(({ title }) => `  [${title}]`)];
  return `${severity} ${code}\n    ${line}\n    ${' '.repeat(range.start.character)}${'^'.repeat(Math.max(1, width))}\n${rest.join('\n')}\n`;
}

function applied(text: string, range: Problem['range'], replacement: string): string {
  const lines = linesOf(text);
  return text.slice(0, offsetAt(lines, range.start)) + replacement + text.slice(offsetAt(lines, range.end));
}
