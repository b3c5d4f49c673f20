import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRandom, xoshiro128 } from '../server/random.ts';

test('the words are those of xoshiro128**, computed here with whole numbers of any size', () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(word, word, word, fc.integer({ min: 1, max: 2 ** 32 - 1 }), (a, b, c, d) => {
      const next = xoshiro128(a, b, c, d);
      const reference = xoshiroOfBigInts([a, b, c, d].map(BigInt));
      for (let i = 0; i < 20; i++) assert.equal(next(), Number(reference()));
    }),
  );
});

test('the published first words from state 1 2 3 4', () => {
  const next = xoshiro128(1, 2, 3, 4);
  assert.deepEqual([next(), next(), next(), next(), next()], [11520, 0, 5927040, 70819200, 2031721883]);
});

test('a seed repeats, another seed differs', () => {
  const draw = (seed: number) => Array.from({ length: 8 }, createRandom(seed).next);
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.notDeepEqual(draw(7), draw(7 + 2 ** 32));
  assert.notDeepEqual(draw(0), draw(0.5));
});

test('a fork depends on seed and label, not on what was drawn', () => {
  const one = createRandom(3);
  const before = one.fork('weights').next();
  const untouched = createRandom(3);
  assert.equal(one.next(), untouched.next());
  one.normal();
  assert.equal(one.fork('weights').next(), before);
  assert.notEqual(one.fork('order').next(), before);
  assert.notEqual(one.fork('weights').fork('weights').next(), before);
});

test('uniform, whole and normal numbers have their moments', () => {
  const random = createRandom(11);
  const count = 200_000;
  const uniform = moments(Array.from({ length: count }, () => random.uniform(-1, 3)));
  assert.ok(Math.abs(uniform.mean - 1) < 0.02 && Math.abs(uniform.variance - 16 / 12) < 0.02);
  const normal = moments(Array.from({ length: count }, () => random.normal()));
  assert.ok(Math.abs(normal.mean) < 0.01 && Math.abs(normal.variance - 1) < 0.02 && Math.abs(normal.kurtosis - 3) < 0.1);
  const histogram = new Array(7).fill(0);
  for (let i = 0; i < count; i++) histogram[random.integer(7)]++;
  const chiSquare = histogram.reduce((sum, seen) => sum + (seen - count / 7) ** 2 / (count / 7), 0);
  assert.ok(chiSquare < 22.5, `chi square ${chiSquare} of 6 degrees of freedom`);
});

test('a shuffle keeps the items and reaches every order alike', () => {
  const random = createRandom(5);
  const orders = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = random.shuffle(Uint8Array.of(0, 1, 2, 3)).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 24);
  for (const seen of orders.values()) assert.ok(Math.abs(seen - 1000) < 150, `${seen}`);
});

function xoshiroOfBigInts(state: bigint[]): () => bigint {
  const low = (value: bigint) => BigInt.asUintN(32, value);
  const rotate = (value: bigint, bits: bigint) => low((value << bits) | (value >> (32n - bits)));
  return () => {
    const word = low(rotate(low(state[1] * 5n), 7n) * 9n);
    const shifted = low(state[1] << 9n);
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11n);
    return word;
  };
}

function moments(values: number[]): { mean: number; variance: number; kurtosis: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const power = (exponent: number) => values.reduce((sum, value) => sum + (value - mean) ** exponent, 0) / values.length;
  return { mean, variance: power(2), kurtosis: power(4) / power(2) ** 2 };
}
