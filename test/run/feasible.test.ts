import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findChip } from '../../server/device/find.ts';
import { withBits } from '../../server/network/bits.ts';
import type { Network, WeightBits } from '../../server/network/network.ts';
import { lower, weightCount } from '../../server/network/stage.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { feasibilityOf, isEasy } from '../../server/run/feasible.ts';
import { floorOf } from '../../server/run/floor/floor.ts';
import { leastWeights } from '../../server/run/floor/weights.ts';
import { priceBeforeTraining } from '../../server/run/price.ts';
import { decode } from '../../server/search/decode.ts';
import { everyGenotype } from '../../server/search/enumerate.ts';
import { leastOf } from '../../server/search/least.ts';
import { excessOf, type Limits } from '../../server/search/objective.ts';
import { outside } from '../../server/search/outside.ts';
import { remember } from '../../server/search/remember.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { defaultSpace, type Space } from '../../server/search/space.ts';
import { createStrategy, isExhausted } from '../../server/search/strategy.ts';
import type { Price } from '../../server/search/trial.ts';
import { withoutShare } from '../../server/training/prune/shape.ts';
import { anySmallSpace, anySpace } from '../search/anyspace.ts';
import { cost } from '../search/cost.ts';

const NOTHING = { structured: 0, unstructured: 0 };

const priceOn = (chip: string) => {
  const device = findChip(chip)!;
  return (...given: Parameters<typeof cost>) => priceBeforeTraining(device, ...given);
};

function* drawn(space: Space, count: number, seed: number) {
  for (let draw = 0; draw < count; draw++) {
    const genotype = randomGenotype(space, createRandom(seed).fork(`${draw}`));
    const network = decode(genotype.architecture, space.input, space.classes);
    if (typeof network !== 'string') yield { genotype, network };
  }
}

test('no draw needs less than the floor, by the plan of least RAM or of most speed, on a chip of 8 bits or of 32', () => {
  const targets = [
    planTarget({ architecture: 'avr' }),
    planTarget({ architecture: 'avr', id: 'atmega2560' }),
    planTarget({ architecture: 'cortex-m0plus' }),
  ];
  let plans = 0;
  fc.assert(
    fc.property(anySpace, fc.integer(), (space, seed) => {
      const floor = floorOf(space).ramBytes;
      for (const { genotype, network } of drawn(space, 6, seed)) {
        const pruned = withoutShare(network, genotype.pruning.structured);
        for (const target of targets)
          for (const objective of ['ram', 'cycles'] as const) {
            const { ramBytes, stateBytes } = choosePlan(pruned.input, lower(pruned), target, { objective });
            assert.ok(stateBytes >= floor, `${stateBytes} B of state, ${floor} B`);
            assert.ok(ramBytes - stateBytes >= (target.leastStackBytes ?? 0), `${ramBytes - stateBytes} B of stack`);
            plans++;
          }
      }
    }),
    { numRuns: 150 },
  );
  assert.ok(plans > 3000, String(plans));
});

test('of a small space it is known to the byte whether anything fits', () => {
  fc.assert(
    fc.property(anySmallSpace, (space) => {
      const prices = everyGenotype(space)!.map(({ architecture, pruning }) =>
        cost(decode(architecture, space.input, space.classes) as Network, pruning),
      );
      for (const [objective, of] of [
        ['ram', ({ ramBytes }: Price) => ramBytes],
        ['flash', ({ flashBytes }: Price) => flashBytes],
      ] as const) {
        const least = Math.min(...prices.map(of));
        const within = (limit: number) => feasibilityOf({ space, price: cost, limits: { [objective]: limit } });
        assert.deepEqual([within(least).impossible, within(least).excess], [false, undefined]);
        assert.equal(within(least - 1).impossible, true);
        assert.equal(within(least - 1).excess?.objective, objective);
      }
    }),
    { numRuns: 15 },
  );
});

test('the floor of RAM is little below what the leanest network found takes, and never above', () => {
  const target = planTarget({ architecture: 'avr', id: 'atmega328p' });
  const price = remember((network, { structured }) => {
    const pruned = withoutShare(network, structured);
    return { ...cost(network, NOTHING), ramBytes: choosePlan(pruned.input, lower(pruned), target, { objective: 'ram' }).ramBytes };
  });
  const shares: number[] = [];
  fc.assert(
    fc.property(anySpace, (space) => {
      const least = leastOf(space, price, ({ ramBytes }) => ramBytes)!.price.ramBytes;
      const { ramBytes } = floorOf(space, target);
      assert.ok(ramBytes <= least, `${ramBytes} B, ${least} B`);
      shares.push(ramBytes / least);
    }),
    { numRuns: 25 },
  );
  shares.sort((a, b) => a - b);
  assert.ok(shares[12] > 0.9, String(shares));
});

test('no draw takes less flash than the floor, in whatever way its weights lie', () => {
  const devices = ['atmega328p', 'rp2040', 'stm32f401ce'].map((chip) => findChip(chip)!);
  const allotted = { ramBytes: 2048, flashBytes: 1, prefer: 'flash' as const };
  fc.assert(
    fc.property(
      anySpace,
      fc.constantFrom(...devices),
      fc.constantFrom<WeightBits>(8, 4, 'ternary'),
      fc.integer(),
      (space, chip, bits, seed) => {
        const { flashBytes } = floorOf(space, planTarget(chip), bits);
        for (const { genotype, network } of drawn(space, 4, seed))
          for (const device of [chip, { ...chip, allotted }]) {
            const price = priceBeforeTraining(device, withBits(network, bits), genotype.pruning);
            assert.ok(price.flashBytes >= flashBytes, `${price.flashBytes} B, ${flashBytes} B`);
          }
      },
    ),
    { numRuns: 80 },
  );
});

/** A space so small that every network of it is priced. */
const SMALL: Space = {
  ...defaultSpace({ height: 9, width: 8, channels: 2 }, 3),
  ...{ downsample: [1, 2], pool: [1, 2], blocks: [1, 2], layers: [1, 1], kernel: [2, 3], stride: [1, 2], filters: [9, 9] },
  ...{ ops: ['conv2d', 'separable'], padding: ['valid'], poolTypes: ['max'], batchNorm: [false], residual: false, branches: [0, 0] },
  ...{ dense: [0, 1], units: [7, 7], structured: [0, 0], unstructured: [0, 0] },
};

test('of all networks of a small space the one of fewest weights has as many as the floor says', () => {
  const pools = [undefined, { type: 'max', size: 2 }] as const;
  const layers = SMALL.ops.flatMap((type) =>
    [2, 3].flatMap((kernel) => [1, 2].map((stride) => ({ type, kernel, stride, filters: 9, padding: 'valid' as const, batchNorm: false }))),
  );
  const blocks = layers.flatMap((layer) => pools.map((pool) => ({ layers: [layer], residual: false, ...(pool && { pool }) })));
  const stacks = [...blocks.map((block) => [block]), ...blocks.flatMap((first) => blocks.map((second) => [first, second]))];
  let fewest = Number.POSITIVE_INFINITY;
  for (const stack of stacks)
    for (const downsample of pools)
      for (const head of SMALL.heads)
        for (const dense of [[], [7]]) {
          const network = decode(
            { ...(downsample && { downsample }), blocks: stack, branches: [], head, dense },
            SMALL.input,
            SMALL.classes,
          );
          if (typeof network !== 'string')
            fewest = Math.min(
              fewest,
              lower(network).reduce((sum, stage) => sum + weightCount(stage), 0),
            );
        }
  assert.equal(
    leastWeights(SMALL, (count) => count),
    fewest,
  );
});

test('a space of large networks alone is proven too large by their weights', () => {
  const space: Space = {
    ...defaultSpace({ height: 28, width: 28, channels: 1 }, 10),
    filters: [48, 64],
    kernel: [3, 5],
    blocks: [2, 3],
    ops: ['conv2d'],
  };
  const chip = findChip('atmega328p')!;
  const full = { ...space, structured: [0, 0], unstructured: [0, 0] } as const;
  const { flashBytes } = floorOf(full, planTarget(chip), 8);
  const price = remember((network, pruning) => priceBeforeTraining(chip, network, pruning));
  const least = leastOf(full, price, (each) => each.flashBytes)!.price.flashBytes;
  assert.ok(flashBytes <= least && flashBytes > least / 2, `${flashBytes} B, ${least} B`);
});

test('no draw takes less than the least found, by a price that grows with every count', () => {
  let [draws, less] = [0, 0];
  fc.assert(
    fc.property(anySpace, fc.integer(), (space, seed) => {
      const values: ((price: Price) => number)[] = [({ ramBytes }) => ramBytes, ({ flashBytes }) => flashBytes];
      const least = values.map((value) => leastOf(space, cost, value)!);
      for (const { genotype } of least) assert.equal(outside(genotype, space), undefined);
      for (const { genotype, network } of drawn(space, 40, seed)) {
        draws++;
        values.forEach((value, index) => {
          if (value(cost(network, genotype.pruning)) < value(least[index].price)) less++;
        });
      }
    }),
    { numRuns: 40, seed: 5 },
  );
  assert.ok(draws > 1400 && less <= draws / 500, `${less} of ${draws}`);
});

test('what is found impossible is, and what binds is told with what the network that comes closest takes', () => {
  const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  const [ram, flash] = [leastOf(space, cost, (each) => each.ramBytes)!, leastOf(space, cost, (each) => each.flashBytes)!];
  const found = (limits: Limits) => feasibilityOf({ space, price: cost, limits });
  const wide = found({ ram: ram.price.ramBytes, flash: 1e6 });
  assert.deepEqual(wide, { leastRamBytes: ram.price.ramBytes, leastFlashBytes: flash.price.flashBytes, impossible: false });
  const tight = found({ ram: ram.price.ramBytes - 1, flash: 1e6 });
  assert.deepEqual(tight.excess, { objective: 'ram', limit: ram.price.ramBytes - 1, value: ram.price.ramBytes });
  const short = found({ ram: 2048, flash: flash.price.flashBytes - 1 });
  assert.deepEqual(short.excess, { objective: 'flash', limit: flash.price.flashBytes - 1, value: flash.price.flashBytes });
});

test('limits below the floor are found impossible, and those that a network keeps to are not', () => {
  const space = { ...defaultSpace({ height: 28, width: 28, channels: 1 }, 10), dense: [0, 0], blocks: [1, 2] } as const;
  const device = { ...findChip('atmega328p')!, allotted: { ramBytes: 0, flashBytes: 32_768 } };
  const price = remember((network, pruning) => priceBeforeTraining(device, network, pruning));
  const impossible = (limits: Limits) => feasibilityOf({ space, price, limits }, device).impossible;
  const floor = floorOf(space, planTarget(device));
  assert.equal(impossible({ ram: floor.ramBytes - 1 }), true);
  assert.equal(impossible({ flash: floor.flashBytes - 1 }), true);
  assert.equal(impossible({ ram: floor.ramBytes + 10, flash: 32_768 }), false);
});

test('what is easy is feasible', () => {
  const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  assert.equal(isEasy({ space, price: cost, limits: { ram: 2048, error: 0.01 } }), true);
  assert.equal(isEasy({ space, price: cost, limits: { ram: 1 } }), false);
});

test('a strategy finds what fits where hardly anything does', () => {
  const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
  const price = priceOn('atmega328p');
  const least = leastOf(space, price, (each) => each.ramBytes)!;
  const limits = { ram: least.price.ramBytes + 1 };
  const answer = createStrategy('random', { space, price, objectives: ['error', 'ram'], limits, seed: 1 }).ask();
  assert.ok(!isExhausted(answer) && excessOf(answer.price, limits) === undefined);
});
