import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { DEFLATE_LIMIT } from '../../server/dataset/bytes.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { probeDataSet } from '../../server/dataset/probe.ts';
import type { DataSource } from '../../server/dataset/source.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { idxFile, labelsInTurn, npyFile, npzFile, numbersUpTo, put, source, temporaryFolder } from './files.ts';

const folder = temporaryFolder();
const RUNS = 150;

const labels = labelsInTurn(2, 10);
const values = numbersUpTo(20 * 12, 256);
const idx = { samples: put(folder, 'x.idx', idxFile([20, 4, 3], values)), labels: put(folder, 'y.idx', idxFile([20], labels)) };
const packed = {
  samples: put(folder, 'x.gz', gzipSync(idxFile([20, 4, 3], values))),
  labels: put(folder, 'y.gz', gzipSync(idxFile([20], labels))),
};
const npy = {
  samples: put(folder, 'x.npy', npyFile([20, 4, 3], values, { type: 'f8' })),
  labels: put(folder, 'y.npy', npyFile([20], labels, { type: 'i8' })),
};
const arrays = { x: npyFile([20, 4, 3], values, { type: 'i2' }), y: npyFile([20], labels) };
const rows = labels.map((label, i) => `"${label}",${values.slice(i * 12, i * 12 + 12).join(',')}`).join('\n');
for (const label of labels.keys())
  put(
    folder,
    `images/${labels[label]}/${label}.png`,
    encode({ width: 3, height: 4, channels: 1, data: Uint8Array.from(values.slice(label * 12, label * 12 + 12)) }),
  );

const SETS: { readonly [name: string]: { readonly given: DataSource; readonly files: readonly string[] } } = {
  'plain IDX': { given: source({ format: 'idx', train: idx, test: idx }), files: [idx.samples, idx.labels] },
  'gzip’d IDX': { given: source({ format: 'idx', train: packed }), files: [packed.samples, packed.labels] },
  npy: { given: source({ format: 'npy', train: npy }), files: [npy.samples, npy.labels] },
  'stored npz': archive('stored.npz', 0),
  'packed npz': archive('packed.npz', 6),
  CSV: table('rows.csv', Buffer.from(rows)),
  'gzip’d CSV': table('rows.csv.gz', gzipSync(rows)),
  images: {
    given: source({ format: 'images', train: { samples: `${folder}/images` } }),
    files: [`${folder}/images/0/0.png`, `${folder}/images/1/7.png`],
  },
};

for (const [name, { given, files }] of Object.entries(SETS))
  test(`${name}: damaged files give faults or data, never an exception, and take no memory that they could not fill`, async () => {
    assert.deepEqual((await loadDataSet(given)).faults, [], 'sound before it is damaged');
    const random = createRandom(5).fork(name);
    let refused = 0;
    for (let run = 0; run < RUNS; run++) {
      const path = files[random.integer(files.length)];
      const sound = readFileSync(path);
      const bad = damage(random, sound);
      writeFileSync(path, bad);
      const [largest, result] = await watchAllocations(() => loadDataSet(given));
      await probeDataSet(given);
      writeFileSync(path, sound);
      assert.equal(result.data === undefined, result.faults.length > 0);
      assert.ok(largest <= DEFLATE_LIMIT * bad.length + 2 ** 16, `${largest} bytes at once for a file of ${bad.length}`);
      if (result.faults.length > 0) refused++;
    }
    assert.ok(refused > RUNS / 4, `${refused} of ${RUNS} refused`);
  });

test('small files that unpack to more than they say are refused without being unpacked', async () => {
  const bomb = gzipSync(Buffer.concat([idxFile([20, 4, 3], values), Buffer.alloc(2 ** 25)]));
  const samples = put(folder, 'bomb.gz', bomb);
  const [largest, { faults }] = await watchAllocations(() =>
    loadDataSet(source({ format: 'idx', train: { samples, labels: idx.labels } })),
  );
  assert.match(faults[0].message, /^bomb.gz has trailing bytes/);
  assert.ok(largest > 0 && largest < 2 ** 20, `${largest}`);
});

/** Cuts, flips bits, overwrites with extremes, or repeats a piece. */
function damage(random: Random, file: Buffer): Buffer {
  const bad = Buffer.from(file);
  const kind = random.integer(4);
  if (kind === 0) return bad.subarray(0, random.integer(bad.length));
  if (kind === 1) return Buffer.concat([bad, bad.subarray(random.integer(bad.length))]);
  const times = 1 + random.integer(4);
  for (let i = 0; i < times; i++) {
    // half of all damage in the first bytes, where headers are, and in the last, where directories are
    const near = random.integer(Math.min(64, bad.length));
    const at = [near, bad.length - 1 - near, random.integer(bad.length)][random.integer(3)];
    bad[at] = kind === 2 ? bad[at] ^ (1 << random.integer(8)) : random.integer(2) * 255;
  }
  return bad;
}

/** The largest typed array made while `use` runs, in bytes; views and copies count as well. */
async function watchAllocations<Result>(use: () => Promise<Result>): Promise<[number, Result]> {
  let largest = 0;
  const names = [
    'Uint8Array',
    'Int8Array',
    'Uint16Array',
    'Int16Array',
    'Uint32Array',
    'Int32Array',
    'Float32Array',
    'Float64Array',
  ] as const;
  const originals = names.map((name) => globalThis[name]);
  for (const [i, name] of names.entries())
    Object.assign(globalThis, {
      [name]: new Proxy(originals[i], {
        construct(target, given, newTarget) {
          const size = typeof given[0] === 'number' ? given[0] * target.BYTES_PER_ELEMENT : 0;
          largest = Math.max(largest, size);
          return Reflect.construct(target, given, newTarget);
        },
      }),
    });
  try {
    const result = await use();
    return [largest, result];
  } finally {
    for (const [i, name] of names.entries()) Object.assign(globalThis, { [name]: originals[i] });
  }
}

function archive(name: string, level: 0 | 6) {
  const samples = put(folder, name, npzFile(arrays, level));
  return { given: source({ format: 'npy', train: { samples } }), files: [samples] };
}

function table(name: string, content: Uint8Array) {
  const samples = put(folder, name, content);
  return { given: source({ format: 'csv', train: { samples }, labelColumn: 'first' }), files: [samples] };
}
