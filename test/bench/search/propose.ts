import { findChip } from '../../../server/device/find.ts';
import { createRandom, type Random } from '../../../server/random.ts';
import { pricesOn } from '../../../server/run/price.ts';
import { decode } from '../../../server/search/decode.ts';
import { randomGenotype } from '../../../server/search/sample.ts';
import { defaultSpace } from '../../../server/search/space.ts';
import { createStrategy, isExhausted, type SearchOptions, type StrategyName } from '../../../server/search/strategy.ts';
import type { Price, Trial } from '../../../server/search/trial.ts';
import { median } from './spread.ts';

const device = findChip('atmega328p')!;
const space = defaultSpace({ height: 28, width: 28, channels: 1 }, 10);
const options: SearchOptions = {
  space,
  price: pricesOn(device),
  objectives: ['error', 'ram', 'flash'],
  limits: { ram: 2048, flash: 32_768 },
  seed: 1,
};

/**
 * Processor milliseconds (the machine may be shared) for which a proposal keeps the search waiting once so many trials of the whole space are told: the median. Their error is made up of
 * their multiplications and noise, their price after training is a little off: what the figures are does not change the work.
 */
export function proposeMs(strategy: StrategyName, trials: number, proposals = 15): number {
  const searching = createStrategy(strategy, options);
  const random = createRandom(trials);
  for (let id = 0; id < trials; ) {
    const trial = made(id, random);
    if (!trial) continue;
    searching.tell(trial);
    id++;
  }
  searching.ask(); // fits the hyper-parameters, as one ask in many does
  return median(Array.from({ length: proposals }, () => timed(() => searching.ask())));
}

/** Processor milliseconds that all proposals of a search of so many trials took together, every fit of the hyper-parameters included. */
export function proposeAllMs(strategy: StrategyName, trials: number): number {
  const searching = createStrategy(strategy, options);
  const random = createRandom(trials);
  let sum = 0;
  for (let id = 0; id < trials; id++) {
    let answer: ReturnType<typeof searching.ask> | undefined;
    sum += timed(() => {
      answer = searching.ask();
    });
    if (!answer || isExhausted(answer)) throw new Error(`exhausted after ${id} trials`);
    const { refused: _, duplicates: __, ...proposal } = answer;
    sum += timed(() => searching.tell({ ...proposal, durationMs: 1, status: 'finished', accuracy: accuracyOf(proposal.price, random) }));
  }
  return sum;
}

/** Of this thread alone: those that compile and collect garbage beside it keep nobody waiting. */
function timed(action: () => void): number {
  const begin = process.threadCpuUsage();
  action();
  const { user, system } = process.threadCpuUsage(begin);
  return (user + system) / 1000;
}

const accuracyOf = ({ macs }: Price, random: Random): number =>
  Math.min(0.99, Math.max(0.1, 0.06 * Math.log(macs + 1) + 0.05 * random.normal()));

function made(id: number, random: Random): Trial | undefined {
  const genotype = randomGenotype(space, random);
  const network = decode(genotype.architecture, space.input, space.classes);
  if (typeof network === 'string') return undefined;
  const price = options.price(network, genotype.pruning);
  const accuracy = accuracyOf(price, random);
  const trained = {
    ...price,
    flashBytes: Math.round(price.flashBytes * (0.97 + 0.06 * random.next())),
    ramBytes: price.ramBytes - random.integer(3),
  };
  return { id, genotype, network, price: trained, durationMs: 1, status: 'finished', accuracy };
}
