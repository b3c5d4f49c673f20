import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChip } from '../../server/device/find.ts';
import { createRandom } from '../../server/random.ts';
import { priceBeforeTraining, pricesOn } from '../../server/run/price.ts';
import { decode } from '../../server/search/decode.ts';
import { createExaminer } from '../../server/search/examine.ts';
import { type Excess, excessOf, type Limits, ratio } from '../../server/search/objective.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace } from '../../server/search/space.ts';

const avr = findChip('atmega328p')!;
const DEVICES = [
  avr,
  { ...avr, allotted: { ramBytes: 1792, flashBytes: 12_000 } },
  { ...avr, allotted: { ramBytes: 1792, flashBytes: 28_672, prefer: 'speed' as const } },
  { ...avr, allotted: { ramBytes: 2048, flashBytes: 32_768, prefer: 'flash' as const } },
  findChip('rp2040')!,
];
const SPACE = {
  ...defaultSpace({ height: 28, width: 28, channels: 1 }, 10),
  bits: [8, 4, 2, 'ternary'] as const,
  unstructured: [0, 0.98] as const,
};

function networks(seed: number, count: number) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => randomGenotype(SPACE, random)).flatMap(({ architecture, pruning }) => {
    const network = decode(architecture, SPACE.input, SPACE.classes);
    return typeof network === 'string' ? [] : [{ network, pruning }];
  });
}

test('given limits, what is within them has its price, and what has none is over one', () => {
  const random = createRandom(9);
  let [within, given] = [0, 0];
  for (const device of DEVICES)
    for (const { network, pruning } of networks(3, 40)) {
      const price = priceBeforeTraining(device, network, pruning);
      // Near what it takes, now above and now below.
      const near = (bytes: number) => Math.round(bytes * random.uniform(0.7, 1.3));
      const limits: Limits = { ram: near(price.ramBytes), flash: near(price.flashBytes) };
      const found = priceBeforeTraining(device, network, pruning, limits);
      if (found) assert.deepEqual(found, price);
      else assert.ok(excessOf(price, limits), JSON.stringify({ price, limits }));
      given += Number(found !== undefined);
      within += Number(excessOf(price, limits) === undefined);
    }
  assert.ok(given >= within && within > 20, `${given} priced, ${within} within`);
});

test('an examiner that prices what it refuses when asked tells the nearest of them as one that prices all', () => {
  const limits = { ram: 700, flash: 6000 };
  const device = DEVICES[0];
  const examiner = createExaminer(SPACE, pricesOn(device), limits);
  const random = createRandom(21);
  let nearest: Excess | undefined;
  let refused = 0;
  for (let i = 0; i < 80; i++) {
    const genotype = randomGenotype(SPACE, random);
    const network = decode(genotype.architecture, SPACE.input, SPACE.classes);
    const found = examiner.examine(genotype);
    const price = typeof network === 'string' ? undefined : priceBeforeTraining(device, network, genotype.pruning);
    const excess = price && excessOf(price, limits);
    assert.deepEqual(found?.excess?.(), excess);
    if (found && !found.excess) assert.deepEqual(found.price, price);
    if (!price || excess) refused++;
    if (excess && (!nearest || ratio(excess) < ratio(nearest))) nearest = excess;
  }
  assert.ok(nearest && refused > 20);
  assert.deepEqual({ nearest: examiner.nearest, refused: examiner.refused }, { nearest, refused });
});
