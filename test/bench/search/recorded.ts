import { readFileSync } from 'node:fs';
import { findChip } from '../../../server/device/find.ts';
import { priceBeforeTraining } from '../../../server/run/price.ts';
import { decode } from '../../../server/search/decode.ts';
import { hypervolume } from '../../../server/search/hypervolume.ts';
import type { Limits, Objective } from '../../../server/search/objective.ts';
import { createStrategy, isExhausted, type StrategyName } from '../../../server/search/strategy.ts';
import type { Price, PriceOf } from '../../../server/search/trial.ts';
import { closedSpace, configurations, keyIn } from './closed.ts';

/** Searches of the closed space: each trial is looked up in the record, nothing is trained. */
export type Curve = { readonly volumes: readonly number[]; readonly proposeMs: number };

export const OBJECTIVES: readonly Objective[] = ['error', 'ram', 'flash'];
/** RAM is that of about the median of the space; flash is no concern. */
export const LIMITS: Limits = { ram: 560, flash: 8000 };
const WORST_ERROR = 0.3;

const prices = new Map<string, Price>();
const accuracies = new Map<string, number>();
const record: { accuracies: number[] } = JSON.parse(readFileSync(new URL('closed.json', import.meta.url), 'utf8'));
const device = findChip('atmega328p')!;
for (const [index, genotype] of configurations().entries()) {
  const network = decode(genotype.architecture, closedSpace.input, closedSpace.classes);
  if (typeof network === 'string') throw new Error(network);
  const key = keyIn(closedSpace, genotype);
  prices.set(JSON.stringify(network.layers), priceBeforeTraining(device, network, genotype.pruning));
  accuracies.set(key, record.accuracies[index] / 10_000);
}
const price: PriceOf = (network) => prices.get(JSON.stringify(network.layers))!;

/** The hypervolume of error, RAM and flash, each as a share of what is allowed, after each trial. */
export function search(strategy: StrategyName, seed: number, trials: number): Curve {
  const searching = createStrategy(strategy, { space: closedSpace, price, objectives: OBJECTIVES, limits: LIMITS, seed });
  const points: number[][] = [];
  const volumes: number[] = [];
  let proposeMs = 0;
  for (let trial = 0; trial < trials; trial++) {
    const begin = performance.now();
    const proposal = searching.ask();
    proposeMs += performance.now() - begin;
    if (isExhausted(proposal)) throw new Error(`${strategy} is exhausted after ${trial} trials`);
    const { refused: _, duplicates: __, ...configuration } = proposal;
    const accuracy = accuracies.get(keyIn(closedSpace, configuration.genotype!))!;
    searching.tell({ ...configuration, durationMs: 1, status: 'finished', accuracy });
    points.push(pointOf(accuracy, configuration.price));
    volumes.push(hypervolume(points, [1, 1, 1]));
  }
  return { volumes, proposeMs: proposeMs / trials };
}

/** What is dominated once everything was tried. */
export const wholeVolume = (): number =>
  hypervolume(
    configurations().map((genotype) => {
      const network = decode(genotype.architecture, closedSpace.input, closedSpace.classes);
      if (typeof network === 'string') throw new Error(network);
      return pointOf(accuracies.get(keyIn(closedSpace, genotype))!, price(network, genotype.pruning));
    }),
    [1, 1, 1],
  );

const pointOf = (accuracy: number, { ramBytes, flashBytes }: Price): number[] => [
  (1 - accuracy) / WORST_ERROR,
  ramBytes / LIMITS.ram!,
  flashBytes / LIMITS.flash!,
];
