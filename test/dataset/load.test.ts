import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encode } from 'fast-png';
import type { DataSet } from '../../server/dataset/dataset.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { probeDataSet } from '../../server/dataset/probe.ts';
import type { DataSource } from '../../server/dataset/source.ts';
import { idxFile, labelsInTurn, npyFile, npzFile, numbersUpTo, put, source, temporaryFolder } from './files.ts';

const folder = temporaryFolder();

const load = async (given: DataSource): Promise<DataSet> => {
  const { data, faults } = await loadDataSet(given);
  assert.deepEqual(faults, []);
  const { probe } = await probeDataSet(given);
  assert.deepEqual([probe?.shape, probe?.classes], [data?.train.shape, data?.classes]);
  assert.equal(probe!.trainCount, data!.train.count + data!.validation.count + (given.test ? 0 : data!.test.count));
  assert.equal(probe!.testCount, given.test ? data!.test.count : undefined);
  return data!;
};

const faultsOf = async (given: DataSource): Promise<string[]> => {
  const { data, faults } = await loadDataSet(given);
  assert.equal(data, undefined);
  return faults.map(({ field, message, hint }) => `${field}: ${message}${hint ? ` (${hint})` : ''}`);
};

const idx = (name: string, extents: number[], values: number[], labels: number[]) => ({
  samples: put(folder, `${name}-images`, idxFile(extents, values)),
  labels: put(folder, `${name}-labels`, idxFile([labels.length], labels)),
});

test('bytes stay as they are, in shared memory, each with its label', async () => {
  const count = 40;
  const values = Array.from({ length: count * 6 }, (_, i) => Math.floor(i / 6)); // a sample's values are its number
  const data = await load(source({ format: 'idx', train: idx('bytes', [count, 2, 3], values, labelsInTurn(4, 10)) }));
  assert.deepEqual(data.train.shape, { height: 2, width: 3, channels: 1 });
  assert.deepEqual(data.classes, ['0', '1', '2', '3']);
  const seen: number[] = [];
  for (const split of [data.train, data.validation, data.test]) {
    assert.ok(split.x.buffer instanceof SharedArrayBuffer && split.labels.buffer instanceof SharedArrayBuffer);
    assert.equal(split.x.length, split.count * 6);
    split.labels.forEach((label, i) => {
      const sample = split.x[i * 6];
      assert.deepEqual([...split.x.subarray(i * 6, i * 6 + 6)], Array(6).fill(sample));
      assert.equal(label, sample % 4);
      seen.push(sample);
    });
  }
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [...Array(count).keys()],
  );
});

test('long and narrow samples are series, unless the spec says that they are images', async () => {
  const train = idx('narrow', [20, 30, 3], numbersUpTo(1800, 251), labelsInTurn(2, 10));
  assert.deepEqual((await load(source({ format: 'idx', train }))).train.shape, { height: 30, width: 1, channels: 3 });
  const shape = { height: 30, width: 3, channels: 1 };
  assert.deepEqual((await load(source({ format: 'idx', train, shape }))).train.shape, shape);
  const short = idx('short', [20, 12, 3], numbersUpTo(720, 251), labelsInTurn(2, 10));
  assert.deepEqual((await load(source({ format: 'idx', train: short }))).train.shape, { height: 12, width: 3, channels: 1 });
});

test('zero point and deviation come from the training split alone', async () => {
  const data = await load(source({ format: 'idx', train: idx('statistics', [80, 3, 3], numbersUpTo(720, 251), labelsInTurn(2, 40)) }));
  const values = [...data.train.x];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.equal(data.encoding.zeroPoint, Math.round(mean));
  assert.ok(Math.abs(data.encoding.deviation - Math.sqrt(variance)) < 1e-9);
  assert.equal(data.encoding.channels, undefined);
  const plain = await load(
    source({ format: 'idx', train: idx('statistics', [80, 3, 3], numbersUpTo(720, 251), labelsInTurn(2, 40)), normalise: 'none' }),
  );
  assert.deepEqual(plain.encoding, { zeroPoint: 0, deviation: 255 });
});

test('numbers that are no bytes are spread over 0..255 per channel; the test data follows, clamped', async () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('f4' as const, 'f8' as const),
      fc
        .array(fc.tuple(value, value), { minLength: 2, maxLength: 2 })
        .map((pairs) => pairs.map((pair) => pair.map(Math.fround).sort((a, b) => a - b))),
      fc.array(fc.array(value.map(Math.fround), { minLength: 6, maxLength: 6 }), { minLength: 2, maxLength: 8 }),
      async (type, ranges, tests) => {
        fc.pre(
          ranges.some(([low, high]) => low < high) && !ranges.flat().every((each) => Number.isInteger(each) && each >= 0 && each <= 255),
        );
        const train = Array.from({ length: 8 }, () => [0, 1, 0].flatMap((end) => ranges.map((range) => range[end]))).flat();
        const labels = tests.map((_, i) => i % 2);
        const data = await load(
          source({
            format: 'npy',
            train: {
              samples: put(folder, 'x.npy', npyFile([8, 3, 2], train, { type })),
              labels: put(folder, 'y.npy', npyFile([8], labelsInTurn(2, 4), { type: 'i8' })),
            },
            test: {
              samples: put(folder, 'tx.npy', npyFile([tests.length, 3, 2], tests.flat(), { type })),
              labels: put(folder, 'ty.npy', npyFile([labels.length, 1], labels)),
            },
            shape: { height: 3, width: 1, channels: 2 },
          }),
        );
        assert.deepEqual(data.train.shape, { height: 3, width: 1, channels: 2 });
        const expected = tests.flat().map((each, i) => {
          const [low, high] = ranges[i % 2];
          const byte = Math.round((each - low) / (high > low ? (high - low) / 255 : 1));
          return Math.min(Math.max(byte, 0), 255);
        });
        assert.deepEqual([...data.test.x], expected);
        const { offset, scale } = data.encoding.channels!;
        assert.deepEqual(
          offset,
          ranges.map(([low]) => low),
        );
        data.test.x.forEach((byte, i) => {
          const [low, high] = ranges[i % 2];
          const inside = Math.min(Math.max(tests.flat()[i], low), high);
          assert.ok(high === low || Math.abs(offset[i % 2] + byte * scale[i % 2] - inside) <= scale[i % 2] * 0.5001);
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('whole numbers in 0..255 are bytes whatever their type', async () => {
  const labels = put(folder, 'whole-y.npy', npyFile([20], labelsInTurn(2, 10), { type: 'i4' }));
  const samples = put(folder, 'whole-x.npy', npyFile([20, 5], numbersUpTo(100, 256), { type: 'f8' }));
  const data = await load(source({ format: 'npy', train: { samples, labels } }));
  assert.equal(data.encoding.channels, undefined);
  assert.deepEqual(data.train.shape, { height: 5, width: 1, channels: 1 });
});

test('one archive holds all arrays, under the names of either split', async () => {
  const path = put(
    folder,
    'all.npz',
    npzFile({
      x_train: npyFile([20, 2, 2, 3], numbersUpTo(240, 256)),
      y_train: npyFile([20], labelsInTurn(2, 10), { type: 'i8' }),
      x_test: npyFile([4, 2, 2, 3], numbersUpTo(48, 200)),
      y_test: npyFile([4], [1, 0, 1, 1], { type: 'i8' }),
    }),
  );
  const data = await load(source({ format: 'npy', train: { samples: path }, test: { samples: path } }));
  assert.deepEqual([...data.test.x], numbersUpTo(48, 200));
  assert.deepEqual([...data.test.labels], [1, 0, 1, 1]);
  assert.deepEqual(data.train.shape, { height: 2, width: 2, channels: 3 });
});

test('a table has the shape that the spec gives it, or is a series', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i % 2 ? 'up' : 'down'},${[1, 2, 3, 4, 5, 6].map((each) => each * i).join(',')}`);
  const samples = put(folder, 'table.csv', `label,a,b,c,d,e,f\r\n${rows.join('\r\n')}\r\n`);
  const series = await load(source({ format: 'csv', train: { samples } }));
  assert.deepEqual([series.train.shape, series.classes], [{ height: 6, width: 1, channels: 1 }, ['down', 'up']]);
  const image = await load(source({ format: 'csv', train: { samples }, shape: { height: 2, width: 3, channels: 1 } }));
  assert.deepEqual(image.train.shape, { height: 2, width: 3, channels: 1 });
  assert.match(
    (await faultsOf(source({ format: 'csv', train: { samples }, shape: { height: 2, width: 2, channels: 1 } })))[0],
    /^train.samples: table.csv holds samples of \[6\]; 2x2x1 is expected/,
  );
});

test('folders of images become classes', async () => {
  for (let i = 0; i < 20; i++) {
    const data = Uint8Array.from({ length: 3 * 4 * 3 }, (_, at) => (at * 5 + i) % 256);
    put(folder, `pictures/${i % 2 ? 'left' : 'right'}/${i}.png`, encode({ width: 3, height: 4, channels: 3, data }));
  }
  const data = await load(source({ format: 'images', train: { samples: `${folder}/pictures` } }));
  assert.deepEqual([data.classes, data.train.shape, data.train.count], [['left', 'right'], { height: 4, width: 3, channels: 3 }, 10]);
});

test('classes are regrouped, and labels in none are left out of every split', async () => {
  const train = idx('groups', [60, 2, 2], numbersUpTo(240, 256), labelsInTurn(6, 10));
  const test = idx('groups-test', [6, 2, 2], numbersUpTo(24, 256), [0, 1, 2, 3, 4, 5]);
  const classes = [
    { name: 'low', labels: [0, 1] },
    { name: 'high', labels: [4, 5] },
  ];
  const data = await load(source({ format: 'idx', train, test, classes }));
  assert.deepEqual(data.classes, ['low', 'high']);
  assert.equal(data.train.count + data.validation.count, 40);
  assert.deepEqual([...data.test.labels], [0, 0, 1, 1]);
  assert.deepEqual(
    [...data.test.x],
    numbersUpTo(24, 256).filter((_, i) => i < 8 || i >= 16),
  );
});

test('the same source loads the same data; another seed splits it differently', async () => {
  const train = idx('seed', [60, 2, 2], numbersUpTo(240, 256), labelsInTurn(3, 20));
  const [a, b, c] = [
    await load(source({ format: 'idx', train })),
    await load(source({ format: 'idx', train })),
    await load(source({ format: 'idx', train, seed: 2 })),
  ];
  assert.deepEqual(a, b);
  assert.notDeepEqual(a.validation.x, c.validation.x);
});

test('data that does not fit together is refused, each fault at its field and file', async () => {
  const train = idx('sound', [20, 2, 2], numbersUpTo(80, 256), labelsInTurn(2, 10));
  const npy = (name: string, extents: number[], values: number[]) => put(folder, name, npyFile(extents, values, { type: 'f8' }));
  const float = (name: string, values: number[], labels = labelsInTurn(2, values.length / 4)) => ({
    samples: npy(`${name}-x.npy`, [values.length / 2, 2], values),
    labels: npy(`${name}-y.npy`, [labels.length], labels),
  });
  const cases: [DataSource, RegExp][] = [
    [
      source({ format: 'idx', train: idx('few', [20, 2, 2], numbersUpTo(80, 256), [0, 1]) }),
      /^train.labels: few-labels holds 2 labels for 20 samples$/,
    ],
    [source({ format: 'idx', train: { samples: train.samples } }), /^train.samples: sound-images has no labels beside it/],
    [
      source({ format: 'idx', train: { ...train, labels: train.samples } }),
      /^train.labels: sound-images has the shape \[20, 2, 2\]; labels are one whole number per sample/,
    ],
    [
      source({ format: 'idx', train, test: idx('other', [4, 2, 3], numbersUpTo(24, 256), [0, 1, 0, 1]) }),
      /^test.samples: other-images holds samples of 2x3x1; the training data's are 2x2x1$/,
    ],
    [
      source({ format: 'idx', train, test: idx('strange', [2, 2, 2], numbersUpTo(8, 256), [0, 7]) }),
      /^test.labels: strange-labels holds the label 7, which no training sample has; those are 0, 1$/,
    ],
    [
      source({ format: 'idx', train, shape: { height: 4, width: 4, channels: 1 } }),
      /^train.samples: sound-images holds samples of \[2, 2\]; 4x4x1 is expected$/,
    ],
    [
      source({
        format: 'idx',
        train,
        classes: [
          { name: 'a', labels: [0] },
          { name: 'b', labels: [9] },
        ],
      }),
      /^classes: class b has no training sample/,
    ],
    [
      source({ format: 'idx', train, validationShare: 0 }),
      /^validation: the shares of validation \(0 %\) and test \(25 %\) must be above 0/,
    ],
    [source({ format: 'idx', train, validationShare: 0.6, testShare: 0.5 }), /^validation: /],
    [source({ format: 'idx', train, validationShare: 0.01 }), /^validation: of 15 samples the validation share is not even one/],
    [
      source({ format: 'idx', train: idx('flat', [20, 2, 2], Array(80).fill(9), labelsInTurn(2, 10)) }),
      /^train.samples: flat-images holds one and the same value everywhere$/,
    ],
    [
      source({ format: 'idx', train: idx('planes', [20, 2, 3, 5], numbersUpTo(600, 256), labelsInTurn(2, 10)) }),
      /5 channels, and at most 4 are read/,
    ],
    [
      source({ format: 'idx', train: idx('first', [20, 3, 2, 5], numbersUpTo(600, 256), labelsInTurn(2, 10)) }),
      /channels come last, this looks like channels first/,
    ],
    [
      source({ format: 'npy', train: float('nan', [1, 2, Number.NaN, 4, 5, 6, 7, 8]) }),
      /^train.samples: nan-x.npy holds NaN in sample 1; finite numbers up to 1e\+30 are expected$/,
    ],
    [source({ format: 'npy', train: float('inf', [1, 2, 3, 4, 5, 6, 7, -1 / 0]) }), /holds -Infinity in sample 3/],
    [source({ format: 'npy', train: float('large', [1, 2, 3, 4, 5, 6, 7, 1e300]) }), /holds 1e\+300 in sample 3/],
    [
      source({ format: 'npy', train: float('half', [1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 0.5, 1]) }),
      /^train.labels: half-y.npy holds 0.5 at sample 2; labels are whole numbers$/,
    ],
    [source({ format: 'images', train: { samples: train.samples } }), /^train.samples: sound-images cannot be read|is not there/],
    [source({ format: 'idx', train: { samples: folder, labels: train.labels } }), /is a folder; a file is expected/],
  ];
  for (const [given, reason] of cases) {
    const faults = await faultsOf(given);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0], reason);
  }
  const absent = { samples: `${folder}/a`, labels: `${folder}/b` };
  assert.deepEqual(await faultsOf(source({ format: 'idx', train: absent, test: absent })), [
    'train.samples: a is not there',
    'test.samples: a is not there',
  ]);
});

test('where MNIST or the example’s images are not there, the hint says how to get them', async () => {
  const files = { samples: `${folder}/train-images-idx3-ubyte.gz`, labels: `${folder}/train-labels-idx1-ubyte.gz` };
  const given = source({ format: 'idx', train: files });
  const [mnist] = await faultsOf({ ...given, name: 'mnist' });
  assert.match(mnist, /train-images-idx3-ubyte.gz is not there .*MNIST database.*t10k-labels-idx1-ubyte.gz.*sha256 ba891046e6505d7a/);
  const [digits] = await faultsOf({ ...given, name: 'digits' });
  assert.ok(digits.endsWith(`drawn by: sparse digits ${folder})`), digits);
  assert.deepEqual(await faultsOf(given), ['train.samples: train-images-idx3-ubyte.gz is not there']);
});
