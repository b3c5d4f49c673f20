import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { applyEdits } from '../../server/spec/features/edits.ts';
import { type ExamineOptions, examine } from '../../server/spec/features/examine.ts';
import { quickFixes } from '../../server/spec/features/fixes.ts';
import type { Problem } from '../../server/spec/problem.ts';
import { changed } from './example.ts';

/** A mistake, the title of one of its fixes, and what then stands in its place; nothing is wrong behind it. */
const rows: readonly (readonly [wrong: string, title: string, right: string])[] = [
  [
    changed('- maxPool: 2', '- maxPool:\n      kernel: 2\n      inputs: conv2'),
    'Write inputs beside maxPool',
    '  - maxPool:\n      kernel: 2\n    inputs: conv2\n',
  ],
  [
    changed('- maxPool: 2', '- maxPool:\n      inputs: conv2 # the second\n      kernel: 2'),
    'Write inputs beside maxPool',
    '  - maxPool:\n      kernel: 2\n    inputs: conv2\n',
  ],
  [
    changed('- maxPool: 2', '- maxPool: { kernel: 2, name: half }'),
    'Write name beside maxPool',
    '  - maxPool: { kernel: 2 }\n    name: half\n',
  ],
  [
    changed('- maxPool: 2', '- { maxPool: { name: half, kernel: 2 } }'),
    'Write name beside maxPool',
    '- { maxPool: { kernel: 2 }, name: half }',
  ],
  [
    changed('ram: 2 KB', 'ram: &size 2 KB').replace('flash: 4 KB', 'flash: *size'),
    'Write 2 KB out where *size stands',
    '  ram: 2 KB\n  reserve: { ram: 256 B, flash: 2 KB }',
  ],
  [
    changed('blocks: [1, 3]', 'blocks: &few [1, 3], layers: *few, dense: *few'),
    'Write [1, 3] out where *few stands',
    '{ blocks: [1, 3], layers: [1, 3], dense: [1, 3], ops',
  ],
  [changed('  ram: 2 KB\n', '  <<: { ram: 2 KB, clock: 8 MHz }\n'), 'Write the values out', '  ram: 2 KB\n  clock: 8 MHz\n  reserve'],
  [
    changed('{ ram: 256 B, flash: 4 KB }', '{ <<: { ram: 256 B, flash: 1 KB }, flash: 4 KB }'),
    'Write the values out',
    '{ ram: 256 B, flash: 4 KB }',
  ],
  [`${changed('seed: 7', 'seed: 8')}---\nname: other\n`, 'Remove the second document', 'output: { folder: firmware/lib/digits }\n'],
  [changed('seed: 7', 'seed: 7\n  colour: red'), 'Remove colour', '  seed: 7\n  space'],
  [changed('seed: 7', 'seed: 7\n  colours:\n    first: red\n    second: blue'), 'Remove colours', '  seed: 7\n  space'],
  [changed('epochs: 6', 'speed: 9, epochs: 6'), 'Remove speed', 'training: { epochs: 6,'],
  [changed('- maxPool: 2', '- maxPool: 2\n    relu:'), 'Make relu a layer of its own', '  - maxPool: 2\n  - relu\n  - dense'],
  [changed('- maxPool: 2', '- { maxPool: 2, relu: }'), 'Make relu a layer of its own', '  - { maxPool: 2 }\n  - relu\n  - dense'],
  [changed('validation: 10 %', 'validation: 95 %'), 'Change to 10 %', 'validation: 10 %'],
  [
    changed('format: idx\n  train: { samples: data/train-images-idx3-ubyte.gz', 'train: { samples: data/train.dat'),
    'Write format: idx',
    'seven, eight, nine]\n  format: idx\n',
  ],
  [changed('learningRate: 0.004', 'momentum: 0.9'), 'Write optimiser: sgd', '{ epochs: 6, momentum: 0.9, optimiser: sgd }'],
  [changed('learningRate: 0.004', 'momentum: 0.9'), 'Leave out momentum', '{ epochs: 6 }'],
  [
    changed('epochs: 6', 'batchSize: 32, optimizer: sgd'),
    'Use the present names of all keys',
    '{ batch: 32, optimiser: sgd, learningRate: 0.004 }',
  ],
];

const facts = { data: { faults: [], probe: { shape: { height: 28, width: 28, channels: 1 }, classes: ['a', 'b'], trainCounts: [30, 9] } } };

test('fixes of several changes leave nothing wrong, whatever ends the lines', () => {
  for (const [wrong, title, right] of rows) {
    check(wrong, title, right);
    check(wrong.replaceAll('\n', '\r\n'), title, right.replaceAll('\n', '\r\n'));
  }
});

test('a share that leaves a class without a sample is made as large as it needs, and seldom classes count as much as others', () => {
  const pets = changed('classes: [zero, one, two, three, four, five, six, seven, eight, nine]', 'classes: [cat, dog]').replace(
    'dense: 10',
    'dense: 2',
  );
  check(pets, 'Change to 12 %', 'validation: 12 %', facts);
  const counts = { ...facts.data.probe, trainCounts: [30, 180] };
  check(pets, 'Write classWeights: balanced', 'classWeights: balanced }', { data: { faults: [], probe: counts } });
});

function check(wrong: string, title: string, right: string, options: ExamineOptions = {}): void {
  const again = (text: string) => examine(text, options);
  const examined = again(wrong);
  const problems = diagnose(examined).filter(({ severity }) => severity !== 'information');
  const offered = problems.flatMap((problem: Problem) => quickFixes(examined, problem.range, again));
  const found = offered.find(({ fix }) => fix.title === title);
  assert.ok(found, `${title} is not among ${JSON.stringify(offered.map(({ fix }) => fix.title))} for ${JSON.stringify(problems)}`);
  const { edits } = found.fix;
  const fixed = applyEdits(examined.parsed.source, edits);
  assert.ok(fixed.includes(right), `${title}: ${fixed}`);
  assert.deepEqual(diagnose(again(fixed)), [], title);
}
