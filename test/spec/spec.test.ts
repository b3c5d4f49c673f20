import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parameterCount, shapesOf } from '../../server/network/check.ts';
import { layerPath, parseSpec, rangeOf } from '../../server/spec/parse.ts';
import { budgetOf, type Spec, toDataSource } from '../../server/spec/spec.ts';
import { changed, example } from './example.ts';

test('everything written is in the spec, in base units', () => {
  const { network: _network, data, target, ...rest } = sound(example);
  assert.deepEqual(data, {
    format: 'idx',
    train: { samples: 'data/train-images-idx3-ubyte.gz', labels: 'data/train-labels-idx1-ubyte.gz' },
    test: { samples: 'data/test-images-idx3-ubyte.gz', labels: 'data/test-labels-idx1-ubyte.gz' },
    validationShare: 0.1,
    testShare: 0.1,
    shape: { height: 28, width: 28, channels: 1 },
    classes: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map((name, label) => ({
      name,
      labels: [label],
    })),
    normalise: 'standard',
  });
  assert.equal(target.device.id, 'atmega328p');
  assert.deepEqual(budgetOf({ target }), { ramBytes: 2048 - 256, flashBytes: 32768 - 4096 });
  assert.deepEqual(rest, {
    name: 'digits',
    search: {
      strategy: 'evolution',
      trials: 40,
      timeSeconds: 180,
      seed: 7,
      halving: true,
      space: { blocks: [1, 3], ops: ['conv2d', 'separable'] },
    },
    training: {
      epochs: 6,
      finalEpochs: 6,
      seeds: 1,
      batch: 64,
      optimiser: 'adamw',
      learningRate: 0.004,
      weightDecay: 0.0001,
      schedule: 'cosine',
      dropout: 0,
      loss: 'crossEntropy',
      labelSmoothing: 0,
      augmentation: { shift: 0, rotate: 0, scale: 0, flip: false, cutout: 0, noise: 0, mixup: 0 },
      quantization: { weights: 8, activations: 8, powerOfTwo: false, learnedStep: false },
    },
    pruning: { method: ['magnitude'], structured: [0, 0.5], unstructured: [0.8, 0.8], during: [0.2, 0.7] },
    objectives: ['error', 'ram', 'flash'],
    limits: { error: 0.05 },
    output: { folder: 'firmware/lib/digits', name: 'digits' },
  });
});

test('a few lines are a whole spec', () => {
  const spec = sound('name: shapes\ndata: { train: { samples: images/ } }\ntarget: { chip: ATtiny85 }\n');
  assert.equal(spec.data.format, 'images');
  assert.deepEqual(budgetOf(spec), { ramBytes: 512, flashBytes: 8192 });
  assert.deepEqual(spec.search, { strategy: 'sparse', trials: 120, timeSeconds: undefined, seed: 1, halving: true, space: {} });
  assert.deepEqual(spec.pruning, { method: ['magnitude'], structured: [0, 0.5], unstructured: [0, 0.8], during: [0.2, 0.7] });
  assert.deepEqual(spec.objectives, ['error', 'ram', 'flash']);
  assert.deepEqual(spec.limits, {});
  assert.deepEqual(spec.output, { folder: 'firmware/lib/shapes', name: 'shapes' });
});

test('the layers of a network have names, inputs and pairs', () => {
  const { network } = sound(example);
  assert.deepEqual(
    network?.layers.map(({ name, op, inputs }) => [name, op, ...inputs]),
    [
      ['conv1', 'conv2d', 'input'],
      ['relu1', 'relu', 'conv1'],
      ['depthwise1', 'depthwise', 'relu1'],
      ['conv2', 'conv2d', 'depthwise1'],
      ['pool1', 'maxPool', 'conv2'],
      ['dense1', 'dense', 'pool1'],
    ],
  );
  assert.deepEqual(network?.layers[0], {
    op: 'conv2d',
    name: 'conv1',
    inputs: ['input'],
    filters: 8,
    kernel: [3, 3],
    stride: [2, 2],
    padding: 'same',
  });
  assert.deepEqual(network?.layers[4], {
    op: 'maxPool',
    name: 'pool1',
    inputs: ['conv2'],
    kernel: [2, 2],
    stride: [2, 2],
    padding: 'valid',
  });
  // 3x3x1x8 + 8, 3x3x8 + 8, 8x16 + 16, 6x6x16x10 + 10
  assert.equal(parameterCount(network!), 80 + 80 + 144 + 5770);
});

test('names that the author gave are kept, and numbers step around them', () => {
  const network = networkOf([
    '- conv2d: { filters: 4, kernel: 3 }',
    '- name: relu1',
    '  conv2d: { filters: 4, kernel: 3, padding: same }',
    '- relu',
    '- add:',
    '  inputs: [relu2, conv1]',
    '- separable: { filters: 4, kernel: 3 }',
    '  name: sep',
    '- globalAveragePool',
    '- dense: { units: 10 }',
  ]);
  assert.deepEqual(
    network.layers.map(({ name, inputs }) => `${name} < ${inputs.join(' ')}`),
    [
      'conv1 < input',
      'relu1 < conv1',
      'relu2 < relu1',
      'add1 < relu2 conv1',
      'sep_depthwise1 < add1',
      'sep < sep_depthwise1',
      'pool1 < sep',
      'dense1 < pool1',
    ],
  );
});

test('every short form is its long form', () => {
  for (const [short, long] of [
    ['- maxPool: 2', '- maxPool: { kernel: 2 }'],
    ['- maxPool: [2, 1]', '- maxPool: { kernel: [2, 1], stride: [2, 1], padding: valid }'],
    ['- averagePool: 3', '- averagePool: { kernel: [3, 3], stride: 3 }'],
    ['- relu', '- relu:'],
    ['- relu', '- relu: {}'],
    ['- conv2d: { filters: 2, kernel: 3 }', '- conv2d: { filters: 2, kernel: [3, 3], stride: [1, 1], padding: valid }'],
    ['- dense: 12', '- dense: { units: 12 }'],
    ['- relu:\n  inputs: input', '- relu:\n  inputs: [input]'],
  ])
    assert.deepEqual(networkOf([short, '- dense: 10']), networkOf([long, '- dense: 10']));
});

test('a series is one wide', () => {
  const spec = sound(`name: gesture
data: { train: { samples: x.npy, labels: y.npy }, shape: [128, 3], classes: [left, right] }
target: { ram: 4 KB, flash: 64 KB, clock: 8 MHz }
network:
  - conv2d: { filters: 4, kernel: [5, 1], stride: [2, 1] }
  - globalMaxPool
  - dense: 2
`);
  assert.deepEqual(spec.data.shape, { height: 128, width: 1, channels: 3 });
  assert.deepEqual(shapesOf(spec.network!).get('conv1'), { height: 62, width: 1, channels: 4 });
  assert.deepEqual([spec.target.device.id, spec.target.device.clockHz], ['custom', 8e6]);
});

test('where the spec does not say, the caller tells the shape and the number of classes', () => {
  const text = changed('  shape: [28, 28, 1]\n', '').replace(/ {2}classes: .*\n/, '');
  const input = { height: 28, width: 28, channels: 1 };
  assert.deepEqual(parseSpec(text, { input, classCount: 10 }).spec?.network, sound(example).network);
  assert.deepEqual(
    parseSpec(text, { input, classCount: 9 }).problems.map(({ code }) => code),
    ['outputs'],
  );
});

test('the names of files tell how the data is stored', () => {
  for (const [samples, format] of [
    ['train-images-idx3-ubyte.gz', 'idx'],
    ['a/train-images.idx3-ubyte', 'idx'],
    ['x.idx', 'idx'],
    ['x.npy', 'npy'],
    ['X.NPY', 'npy'],
    ['x.npz', 'npy'],
    ['table.csv', 'csv'],
    ['table.csv.gz', 'csv'],
    ['images', 'images'],
    ['../pictures/train/', 'images'],
    ['.', 'images'],
    ['photo.jpeg', undefined],
    ['data.bin', undefined],
  ] as const) {
    const { draft, problems } = parseSpec(
      `name: a\ndata: { train: { samples: ${JSON.stringify(samples)}, labels: b } }\ntarget: { chip: attiny85 }\n`,
    );
    assert.equal(draft.data?.format, format, samples);
    assert.equal(problems[0]?.code, format === undefined ? 'format' : format === 'csv' || format === 'images' ? 'labels' : undefined);
  }
});

test('classes are a list of names, or names with labels', () => {
  const classes = (written: string, samples = 'x.npz') =>
    sound(`name: a\ndata: { train: { samples: ${samples} }, classes: ${written} }\ntarget: { chip: attiny85 }\n`).data.classes;
  assert.deepEqual(classes('[no, yes]'), [
    { name: 'no', labels: [0] },
    { name: 'yes', labels: [1] },
  ]);
  assert.deepEqual(classes('[3, 7]'), [
    { name: '3', labels: [0] },
    { name: '7', labels: [1] },
  ]);
  assert.deepEqual(classes('[cat, dog]', 'images/'), [
    { name: 'cat', labels: ['cat'] },
    { name: 'dog', labels: ['dog'] },
  ]);
  assert.deepEqual(classes('{ animal: [2, cat], vehicle: 0 }'), [
    { name: 'animal', labels: [2, 'cat'] },
    { name: 'vehicle', labels: [0] },
  ]);
});

test('the data source has absolute paths and the seed of the search', () => {
  const folder = resolve('somewhere');
  const source = toDataSource(sound(changed('data/test-images', '/elsewhere/test-images')), folder);
  assert.equal(source.train.samples, join(folder, 'data/train-images-idx3-ubyte.gz'));
  assert.equal(source.test?.samples, '/elsewhere/test-images-idx3-ubyte.gz');
  assert.deepEqual([source.name, source.format, source.seed, source.normalise], ['digits', 'idx', 7, 'standard']);
});

test('every path of the spec has its range', () => {
  const parsed = parseSpec(example);
  const lines = example.split('\n');
  const textOf = (...args: Parameters<typeof rangeOf> extends [unknown, ...infer Rest] ? Rest : never) => {
    const { start, end } = rangeOf(parsed, ...args);
    assert.equal(start.line, end.line);
    return lines[start.line].slice(start.character, end.character);
  };
  assert.equal(textOf(['data', 'validation']), '10 %');
  assert.equal(textOf(['data', 'validation'], 'key'), 'validation');
  assert.equal(textOf(['data', 'shape', 1]), '28');
  assert.equal(textOf(['data', 'nothing', 'here']), 'data');
  assert.equal(textOf(layerPath(parsed, 3)), 'separable: { filters: 16, kernel: 3 }');
  assert.equal(textOf(layerPath(parsed, 4)), 'maxPool: 2');
  assert.equal(textOf([]), 'name: digits');
});

test('a fault in one section leaves the others readable', () => {
  const { spec, draft } = parseSpec(
    changed('chip: atmega328p', 'chip: nothing').replace('trials: 40', 'trials: many').replace('maxPool: 2', 'maxPool:'),
  );
  assert.equal(spec, undefined);
  assert.equal(draft.target, undefined);
  assert.equal(draft.search?.seed, 7);
  assert.deepEqual(
    draft.network?.layers.map(({ name }) => name),
    ['conv1', 'relu1', 'depthwise1', 'conv2'],
  );
});

test('CRLF and a byte order mark change nothing', () => {
  for (const text of [example.replaceAll('\n', '\r\n'), `\ufeff${example}`]) assert.deepEqual(sound(text), sound(example));
});

test('the specs of the repository are sound', () => {
  const path = new URL('../../media/examples/digits/digits.sparse.yaml', import.meta.url);
  sound(readFileSync(path, 'utf8'));
});

function sound(text: string): Spec {
  const { spec, problems } = parseSpec(text);
  assert.deepEqual(problems, []);
  return spec!;
}

function networkOf(entries: readonly string[]) {
  const head = example.slice(0, example.indexOf('  - conv2d'));
  return sound(`${head}${entries.join('\n').replaceAll(/^/gm, '  ')}\n`).network!;
}
