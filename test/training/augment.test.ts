import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shape } from '../../server/network/shape.ts';
import { createRandom } from '../../server/random.ts';
import { createDistortion, drawTransform } from '../../server/training/augment.ts';
import type { Augmentation } from '../../server/training/engine.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { CLASSES, network, randomSamples } from './networks.ts';

const shape: Shape = { height: 7, width: 6, channels: 2 };
const SIZE = 84;
const { x: bytes } = randomSamples(shape, 16, 3);
const at = (from: ArrayLike<number>, lane: number, y: number, x: number, c: number) => from[((lane * 7 + y) * 6 + x) * 2 + c];

function distorted(augmentation: Partial<Augmentation>, valid = 16) {
  const copy = bytes.slice();
  const shares = Array.from({ length: CLASSES }, (_, k) => Float32Array.from({ length: 16 }, (_, lane) => Number(lane % CLASSES === k)));
  createDistortion({ shift: 0, ...augmentation }, shape, 99)(copy, shares, valid, createRandom(4));
  return { copy, shares };
}
const lanes = Array.from({ length: 16 }, (_, lane) => lane);
const sample = (from: Uint8Array, lane: number) => from.subarray(lane * SIZE, (lane + 1) * SIZE);

test('a flip mirrors some samples and leaves the others', () => {
  const { copy } = distorted({ flip: true });
  const flipped = lanes.filter((lane) => sample(copy, lane).some((value, i) => value !== sample(bytes, lane)[i]));
  assert.ok(flipped.length > 2 && flipped.length < 14);
  for (const lane of flipped)
    for (let y = 0; y < 7; y++)
      for (let x = 0; x < 6; x++) for (let c = 0; c < 2; c++) assert.equal(at(copy, lane, y, x, c), at(bytes, lane, y, 5 - x, c));
});

test('cutout makes one hole of its share in each sample', () => {
  const { copy } = distorted({ cutout: 0.5 });
  for (const lane of lanes) {
    const changed = [...sample(copy, lane).keys()].filter((i) => sample(copy, lane)[i] !== sample(bytes, lane)[i]);
    const rows = new Set(changed.map((i) => Math.floor(i / 12)));
    const columns = new Set(changed.map((i) => Math.floor(i / 2) % 6));
    assert.ok(rows.size === 4 && columns.size === 3, `${rows.size} x ${columns.size}`);
    for (const i of changed) assert.equal(sample(copy, lane)[i], 99);
  }
});

test('noise has its deviation', () => {
  const { copy } = distorted({ noise: 5 });
  const errors = [...copy.keys()].filter((i) => bytes[i] > 30 && bytes[i] < 225).map((i) => copy[i] - bytes[i]);
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  assert.ok(Math.abs(deviation - 5) < 0.5, `${deviation}`);
});

test('mixup mixes samples and their labels by one share', () => {
  const { copy, shares } = distorted({ mixup: 0.4 }, 5);
  const share = shares[0][0];
  assert.ok(share > 0 && share < 1);
  for (let lane = 0; lane < 5; lane++) {
    const next = (lane + 1) % 5;
    sample(copy, lane).forEach((value, i) => {
      assert.ok(Math.abs(value - (share * sample(bytes, lane)[i] + (1 - share) * sample(bytes, next)[i])) < 0.51);
    });
    for (const [k, row] of shares.entries()) {
      const wanted = share * Number(lane % CLASSES === k) + (1 - share) * Number(next % CLASSES === k);
      assert.ok(Math.abs(row[lane] - wanted) < 1e-6);
    }
  }
});

test('a transform turns about the middle, and moves', () => {
  const square = { height: 5, width: 5, channels: 1 };
  const near = (found: number[], wanted: number[]) =>
    wanted.forEach((value, i) => void assert.ok(Math.abs(found[i] - value) < 1e-9, `${found}`));
  const random = createRandom(1);
  near(drawTransform({ shift: 0 }, square, 0, 0, random), [1, 0, 0, 0, 1, 0]);
  near(drawTransform({ shift: 2 }, square, 1, -2, random), [1, 0, -1, 0, 1, 2]);
  for (let i = 0; i < 50; i++) {
    const t = drawTransform({ shift: 0, rotate: 0.3, scale: 0.2 }, square, 0, 0, random);
    near([2 * t[0] + 2 * t[1] + t[2], 2 * t[3] + 2 * t[4] + t[5]], [2, 2]);
    const stretch = 1 / Math.hypot(t[0], t[1]);
    assert.ok(stretch > 0.8 && stretch < 1.2 && Math.abs(Math.atan2(t[1], t[0])) <= 0.3);
  }
  const [stay, , , , stretched] = drawTransform(
    { shift: 0, rotate: 1, scale: 0.5 },
    { height: 1, width: 9, channels: 1 },
    0,
    0,
    createRandom(3),
  );
  assert.ok(stay === stretched && stay !== 1);
});

test('samples that are turned and stretched are interpolated', () => {
  // A plane of brightness stays one under any transform: the mean logit of a linear network tells the brightness in the middle.
  const layers = network([9, 9, 1], { op: 'dense', units: CLASSES });
  const x = Uint8Array.from({ length: 16 * 81 }, (_, i) => 100 + 4 * (Math.floor((i % 81) / 9) - 4) + 7 * ((i % 9) - 4));
  const samples = { shape: layers.input, count: 16, x, labels: new Uint8Array(16) };
  const open = (augmentation?: Augmentation) => {
    const weight = new Float32Array(CLASSES * 81);
    for (let i = 30; i < 33; i++) weight[i] = 1 / 3;
    const parameters = { l0: { weight, bias: new Float32Array(CLASSES) } };
    return createEngine({ variant: 'simd' }).open({
      network: layers,
      encoding: { zeroPoint: 0, deviation: 100 },
      batch: 16,
      seed: 2,
      parameters,
      augmentation,
    });
  };
  const indices = Uint32Array.from({ length: 16 }, (_, i) => i);
  const plain = open().gradients(samples, indices).gradients.l0.weight;
  const turned = open({ shift: 0, rotate: 0.2, scale: 0.1 }).gradients(samples, indices).gradients.l0.weight;
  const scale = Math.abs(plain[CLASSES * 0 + 40]);
  assert.ok(Math.abs(turned[40] - plain[40]) < 0.02 * scale, 'the middle stays');
  assert.ok(Math.abs(turned[0] - plain[0]) > 1e-4 * scale, 'the corner does not');
});

test('all of it together repeats from its seed, and still learns', () => {
  const layers = network([7, 6, 2], { op: 'conv2d', filters: 6 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: CLASSES });
  const samples = randomSamples(shape, 48, 2);
  const augmentation = { shift: 1, rotate: 0.1, scale: 0.1, flip: true, cutout: 0.2, noise: 4, mixup: 0.2 };
  const run = (seed: number) => {
    const session = createEngine({ variant: 'simd' }).open({
      network: layers,
      encoding: { zeroPoint: 120, deviation: 70 },
      batch: 20,
      seed,
      augmentation,
    });
    return Array.from({ length: 15 }, () => session.trainEpoch(samples, () => ({ learningRate: 0.005, weightDecay: 0 })));
  };
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
  const losses = run(1);
  assert.ok(losses[14] < losses[0]);
});
