import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { keyOf } from '../../server/search/examine.ts';
import { hypervolume } from '../../server/search/hypervolume.ts';
import { excessOf } from '../../server/search/objective.ts';
import { outside } from '../../server/search/outside.ts';
import { remember } from '../../server/search/remember.ts';
import { drawWeights, scalarise, tchebyshev } from '../../server/search/scalarise.ts';
import { defaultSpace, type Space } from '../../server/search/space.ts';
import {
  createStrategy,
  isExhausted,
  type SearchOptions,
  type Strategy,
  type StrategyName,
  strategies,
} from '../../server/search/strategy.ts';
import { isFinished, type Price, type Proposal, type Trial } from '../../server/search/trial.ts';
import { cost } from './cost.ts';
import { hiddenError } from './landscape.ts';

const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
const options: SearchOptions = { space, price: cost, objectives: ['error', 'ram', 'flash'], limits: { ram: 600, flash: 8000 }, seed: 1 };
const names = Object.keys(strategies) as StrategyName[];

for (const name of names) {
  test(`${name}: proposals are in the space, within the limits, numbered, priced and never the same`, () => {
    const strategy = createStrategy(name, options);
    const seen = new Set<string>();
    for (let id = 0; id < 80; id++) {
      const proposal = proposed(strategy);
      assert.equal(proposal.id, id);
      assert.equal(outside(proposal.genotype!, space), undefined);
      assert.deepEqual(proposal.price, cost(proposal.network, proposal.genotype!.pruning));
      assert.equal(excessOf(proposal.price, options.limits), undefined);
      seen.add(keyOf(proposal.network, proposal.genotype!));
      assert.equal(seen.size, id + 1);
      if (proposal.parent !== undefined) assert.ok(proposal.parent < id);
      strategy.tell(tried(proposal));
    }
  });

  test(`${name}: a seed repeats, another differs`, () => {
    assert.deepEqual(run(createStrategy(name, options), 30), run(createStrategy(name, options), 30));
    assert.notDeepEqual(run(createStrategy(name, options), 30), run(createStrategy(name, { ...options, seed: 2 }), 30));
  });

  test(`${name}: told the same trials again, it goes on as if it had not stopped`, () => {
    const whole = run(createStrategy(name, options), 40);
    for (const cut of [0, 1, 7, 8, 9, 30]) {
      const resumed = createStrategy(name, options);
      for (const trial of whole.slice(0, cut)) resumed.tell(trial);
      assert.deepEqual(run(resumed, 40 - cut), whole.slice(cut));
    }
  });

  test(`${name}: with proposals in flight, what it adopts is neither proposed nor numbered again`, () => {
    const first = createStrategy(name, options);
    const told = run(first, 15);
    const flying = [proposed(first), proposed(first)];
    const next = proposed(first);
    const resumed = createStrategy(name, options);
    for (const trial of told) resumed.tell(trial);
    for (const proposal of flying) resumed.adopt(proposal);
    assert.deepEqual(proposed(resumed), next);
  });

  test(`${name}: a failed trial is no parent and stops nothing`, () => {
    const strategy = createStrategy(name, options);
    for (let id = 0; id < 40; id++) {
      const { refused: _, duplicates: __, ...proposal } = proposed(strategy);
      assert.equal(proposal.parent, undefined);
      strategy.tell({ ...proposal, durationMs: 1, status: 'failed', reason: 'diverged' });
    }
  });

  test(`${name}: tight limits are met by shrinking, and what is refused is counted`, () => {
    const tight = { ...options, limits: { ram: 130 } };
    const strategy = createStrategy(name, tight);
    let refused = 0;
    for (let id = 0; id < 20; id++) {
      const proposal = proposed(strategy);
      assert.ok(proposal.price.ramBytes <= 130);
      refused += proposal.refused;
      strategy.tell(tried(proposal));
    }
    assert.ok(refused > 100, String(refused));
  });

  test(`${name}: limits that nothing meets end in a bounded number of draws and a word on the closest`, () => {
    let priced = 0;
    const counting = (...given: Parameters<typeof cost>) => {
      priced++;
      return cost(...given);
    };
    const answer = createStrategy(name, { ...options, price: remember(counting), limits: { ram: 20, flash: 1e6 } }).ask();
    assert.ok(isExhausted(answer));
    assert.ok(priced < 3000, String(priced));
    assert.ok(answer.refused > 40 && answer.refused < 3000, String(answer.refused));
    assert.equal(answer.nearest?.objective, 'ram');
    assert.equal(answer.nearest?.limit, 20);
    assert.ok(answer.nearest.value > 20 && answer.nearest.value < 150, String(answer.nearest.value));
  });

  test(`${name}: a space of few networks is proposed to the last one, then it says so`, () => {
    const few: Space = {
      ...space,
      downsample: [2, 2],
      pool: [2, 2],
      poolTypes: ['max'],
      blocks: [1, 1],
      layers: [1, 1],
      ops: ['conv2d'],
      kernel: [2, 3],
      filters: [1, 3],
      stride: [1, 1],
      padding: ['same'],
      batchNorm: [false],
      residual: false,
      branches: [0, 0],
      heads: ['flatten'],
      dense: [0, 0],
      structured: [0, 0],
      unstructured: [0, 0],
    };
    const strategy = createStrategy(name, { ...options, space: few, limits: {} });
    for (let id = 0; id < 6; id++) strategy.tell(tried(proposed(strategy)));
    const answer = strategy.ask();
    assert.ok(isExhausted(answer) && answer.duplicates > 0 && answer.nearest === undefined);
  });
}

test('a network written by hand is a trial, but no parent', () => {
  const strategy = createStrategy('evolution', options);
  const { genotype: _, refused: __, duplicates: ___, ...byHand } = proposed(createStrategy('random', options));
  strategy.tell({ ...byHand, durationMs: 1, status: 'finished', accuracy: 0.999 });
  const trials = run(strategy, 40);
  assert.deepEqual(
    trials.map((trial) => trial.id),
    trials.map((_, index) => index + 1),
  );
  assert.ok(trials.every((trial) => trial.parent !== byHand.id));
});

test('evolution changes earlier trials once it has some', () => {
  const trials = run(createStrategy('evolution', options), 90);
  assert.ok(trials.slice(0, 12).every((trial) => trial.parent === undefined));
  const children = trials.slice(12);
  assert.ok(children.filter((trial) => trial.parent !== undefined && trial.morph !== undefined).length > 66);
  for (const { id, parent } of children)
    if (parent !== undefined) assert.ok(id - parent <= Math.max(20, Math.ceil(id / 2)), 'parents age and die');
});

test('evolution beats random draws on a landscape with a hidden optimum, seed by seed', () => {
  const [wins, gain] = compare('evolution', 'random', 10, 150);
  assert.ok(wins >= 8, `${wins} of 10`);
  assert.ok(gain > 0.25, `random's best error is ${gain} larger`);
});

test('sparse dominates more than evolution and random draws do, on the same seeds', () => {
  const of = (name: StrategyName) => [1, 2, 3, 4, 5].map((seed) => volume(name, seed, 100)).sort((a, b) => a - b)[2];
  const [sparse, evolution, random] = [of('sparse'), of('evolution'), of('random')];
  assert.ok(sparse > evolution && evolution > random, `${sparse}, ${evolution}, ${random}`);
});

test('sparse names the parents of what it changes, and changes pruning alone now and then', () => {
  const children = run(createStrategy('sparse', options), 76).slice(12);
  const changed = children.filter((trial) => trial.parent !== undefined && trial.morph !== undefined);
  assert.ok(changed.length > 43, String(changed.length));
  assert.ok(changed.some((trial) => trial.morph === 'changeStructured' || trial.morph === 'changeUnstructured'));
});

test('a scalarisation never prefers what another point beats everywhere, and aims between the least values and the limits', () => {
  const random = createRandom(3);
  const first = new Set<number>();
  for (let round = 0; round < 300; round++) {
    const points = [
      [0.1, 900],
      [0.2, 500],
      [0.4, 300],
      [0.21, 901],
    ];
    const scores = scalarise(points, ['error', 'ram'], { ram: 1000 }, random);
    assert.ok(scores.every((score) => score >= 0));
    assert.ok(scores[3] >= Math.min(scores[0], scores[1]), 'it is beaten by both');
    first.add(scores.indexOf(Math.min(...scores)));
  }
  assert.deepEqual([...first].sort(), [0, 1, 2], 'each point of the front is the best of some');
});

test('tchebyshev with bounds: 1 on a bound at weight 1/bound, and 1/weight is uniform up to the bound', () => {
  assert.equal(tchebyshev([0.02, 1024], [1 / 0.04, 1 / 2048], [0, 0]), 0.5);
  assert.equal(tchebyshev([0.02, 1536], [1 / 0.04, 1 / 2048], [0.01, 512]), 0.5);
  const random = createRandom(6);
  const drawn = Array.from({ length: 8000 }, () => 1 / drawWeights([2048], random)[0]).sort((a, b) => a - b);
  const gap = Math.max(...drawn.map((value, index) => Math.abs(value / 2048 - index / 8000)));
  assert.ok(gap < 1.63 / Math.sqrt(8000), `Kolmogorov-Smirnov at 1 %: ${gap}`);
});

/** How often the first strategy's best error is the lower one, and by which share on average. */
function compare(first: StrategyName, second: StrategyName, seeds: number, trials: number): [wins: number, gain: number] {
  let wins = 0;
  let gain = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const [a, b] = [first, second].map((name) => {
      const told = run(createStrategy(name, { ...options, limits: { ram: 1000, flash: 8000 }, seed }), trials);
      return Math.min(...told.map((trial) => (trial.status === 'finished' ? 1 - trial.accuracy : 1)));
    });
    if (a < b) wins++;
    gain += (b - a) / b / seeds;
  }
  return [wins, gain];
}

/** The hypervolume of error, RAM and flash, as shares of their limits, after so many trials. */
function volume(name: StrategyName, seed: number, trials: number): number {
  const limits = { ram: 1000, flash: 8000 };
  const told = run(createStrategy(name, { ...options, limits, seed }), trials).filter(isFinished);
  const points = told.map(({ accuracy, price }) => [1 - accuracy, price.ramBytes / limits.ram, price.flashBytes / limits.flash]);
  return hypervolume(points, [1, 1, 1]);
}

function run(strategy: Strategy, count: number): Trial[] {
  return Array.from({ length: count }, () => {
    const trial = tried(proposed(strategy));
    strategy.tell(trial);
    return trial;
  });
}

function proposed(strategy: Strategy): Proposal {
  const answer = strategy.ask();
  assert.ok(!isExhausted(answer), JSON.stringify(answer));
  return answer;
}

function tried({ refused: _, duplicates: __, ...proposal }: Proposal): Trial {
  const price: Price = proposal.price;
  return { ...proposal, price, durationMs: 1, status: 'finished', accuracy: 1 - hiddenError(proposal.genotype!) };
}
