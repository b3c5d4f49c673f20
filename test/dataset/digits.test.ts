import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { DIGIT_SIZE, drawDigit } from '../../server/dataset/digits/draw.ts';
import { digitsFiles, generateDigits } from '../../server/dataset/digits/generate.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { createRandom } from '../../server/random.ts';
import { put, source, temporaryFolder } from './files.ts';

const folder = temporaryFolder();
const FIRMWARE = 'media/examples/digits/firmware';

test('the same choice draws the same images on every machine', () => {
  const hash = createHash('sha256');
  for (const file of digitsFiles({ train: 200, test: 50, seed: 3 }).values()) hash.update(gunzipSync(file));
  assert.equal(hash.digest('hex'), '04cd5564246c700748561731729d456292553c1dec99d2a59a5ebf1da3960d9e');
  const again = digitsFiles({ train: 200, test: 50, seed: 3 });
  assert.deepEqual(again, digitsFiles({ train: 200, test: 50, seed: 3 }));
  assert.notDeepEqual(again, digitsFiles({ train: 200, test: 50, seed: 4 }));
  for (const file of again.values()) assert.deepEqual([...file.subarray(4, 8)], [0, 0, 0, 0], 'no time in the gzip header');
});

test('the files are a data set of ten classes alike, train and test without a common image', async () => {
  await generateDigits(join(folder, 'data'), { train: 500, test: 100, seed: 1 });
  assert.deepEqual(readdirSync(join(folder, 'data')).length, 4);
  const files = (split: string) => ({
    samples: join(folder, `data/${split}-images-idx3-ubyte.gz`),
    labels: join(folder, `data/${split}-labels-idx1-ubyte.gz`),
  });
  const { data, faults } = await loadDataSet(source({ format: 'idx', train: files('train'), test: files('t10k'), validationShare: 0.1 }));
  assert.deepEqual(faults, []);
  assert.deepEqual([data!.train.count, data!.validation.count, data!.test.count], [450, 50, 100]);
  for (const { labels, count } of [data!.train, data!.validation, data!.test])
    for (let digit = 0; digit < 10; digit++) assert.equal(labels.filter((label) => label === digit).length, count / 10);
  const images = new Set<string>();
  for (const { x, count } of [data!.train, data!.validation, data!.test])
    for (let i = 0; i < count; i++) images.add(Buffer.from(x.subarray(i * 784, (i + 1) * 784)).toString('base64'));
  assert.equal(images.size, 600);
});

test('digits look like their kind: a nearest neighbour tells most apart, an average image far fewer', () => {
  const random = createRandom(9);
  const draw = (count: number) => Array.from({ length: count }, (_, i) => drawDigit(random, i % 10));
  const [known, asked] = [draw(1000), draw(200)];
  const nearest = asked.filter((image, i) => closest(known, image) % 10 === i % 10).length / asked.length;
  const means = Array.from({ length: 10 }, (_, digit) => average(known.filter((_, i) => i % 10 === digit)));
  const average10 = asked.filter((image, i) => closest(means, image) === i % 10).length / asked.length;
  assert.ok(nearest > 0.8 && nearest < 0.99, `nearest neighbour ${nearest}`);
  assert.ok(average10 > 0.5 && average10 < nearest - 0.05, `nearest mean ${average10}`);
});

test('ink stays inside the image', () => {
  const random = createRandom(4);
  let edge = 0;
  let all = 0;
  for (let i = 0; i < 500; i++)
    drawDigit(random, i % 10).forEach((value, at) => {
      if (value < 64) return; // grain
      const [x, y] = [at % DIGIT_SIZE, Math.floor(at / DIGIT_SIZE)];
      all += value;
      if (x === 0 || y === 0 || x === DIGIT_SIZE - 1 || y === DIGIT_SIZE - 1) edge += value;
    });
  assert.ok(edge < 0.01 * all, `${edge} of ${all}`);
});

test('the example’s firmware compiles for its chip', (t) => {
  if (spawnSync('avr-gcc', ['--version']).error) return t.skip('avr-gcc is not installed');
  put(folder, 'include/digits.h', HEADER);
  const flags = [
    '-mmcu=atmega328p',
    '-std=c99',
    '-Os',
    '-Wall',
    '-Wextra',
    '-Wpedantic',
    '-Wconversion',
    '-Werror',
    '-I',
    join(folder, 'include'),
  ];
  const { status, stderr } = spawnSync('avr-gcc', [...flags, '-c', `${FIRMWARE}/src/main.c`, '-o', join(folder, 'main.o')], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('the firmware’s sample is an image of the size it reads', () => {
  const rows = readFileSync(`${FIRMWARE}/src/main.c`, 'utf8').match(/"[.#]+"/g)!;
  assert.equal(rows.length, DIGIT_SIZE);
  for (const row of rows) assert.equal(row.length, DIGIT_SIZE + 2);
});

/** What the firmware uses of the generated library. */
const HEADER = `#include <stdint.h>
#define DIGITS_INPUT_HEIGHT 28
#define DIGITS_INPUT_WIDTH 28
#define DIGITS_INPUT_CHANNELS 1
#define DIGITS_CLASSES 10
typedef struct { uint8_t row[28]; } digits_state;
void digits_init(digits_state *state);
uint8_t *digits_next_row(digits_state *state);
void digits_push_row(digits_state *state);
uint8_t digits_result(const digits_state *state);
`;

function closest(images: readonly ArrayLike<number>[], image: Uint8Array): number {
  const distances = images.map((other) => image.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

const average = (images: readonly Uint8Array[]): number[] =>
  Array.from(images[0], (_, i) => images.reduce((sum, image) => sum + image[i], 0) / images.length);
