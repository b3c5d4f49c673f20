import { readFileSync } from 'node:fs';
import { macCount } from '../../../server/network/check.ts';
import { lower } from '../../../server/network/stage.ts';
import { paperCost } from '../../../server/plan/paper.ts';
import { decode } from '../../../server/search/decode.ts';
import { hypervolume } from '../../../server/search/hypervolume.ts';
import type { Limits, Objective } from '../../../server/search/objective.ts';
import { createStrategy, isExhausted, type SearchOptions, type Strategy, type StrategyName } from '../../../server/search/strategy.ts';
import type { Price } from '../../../server/search/trial.ts';
import { CLOSED, configurations, keyIn } from './closed.ts';
import type { DataName } from './data.ts';

export const OBJECTIVES: readonly Objective[] = ['error', 'ram', 'flash'];

/** A closed space whose configurations were all trained before: a search of it looks up what it would train. */
export type Table = {
  readonly name: DataName;
  /** RAM that half of the space keeps to, flash that three quarters do. The error has no limit, as in a spec that gives none. */
  readonly limits: Limits;
  readonly options: Omit<SearchOptions, 'seed'>;
  accuracy(key: string): number;
  /** Of a point: error as a share of that of the space's worst quarter, RAM and flash as shares of their limits. */
  share(accuracy: number, price: Price): number[];
  /** What all of the space together dominates. */
  readonly whole: number;
};

export function readTable(name: DataName): Table {
  const { space } = CLOSED[name];
  const [, ...lines] = readFileSync(new URL(`tables/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const rows: number[][] = lines.map((line) => JSON.parse(line));
  const all = configurations(space);
  if (rows.length !== all.length) throw new Error(`${name}: ${rows.length} of ${all.length} configurations are recorded`);
  const column = (index: number) => rows.map((row) => row[index]).sort((a, b) => a - b);
  const at = (index: number, share: number) => column(index)[Math.floor(share * rows.length)];
  const limits = { ram: at(1, 0.5), flash: at(2, 0.75) };
  const worstError = 1 - at(0, 0.25) / 10_000;
  const prices = new Map<string, Price>();
  const accuracies = new Map<string, number>();
  for (const [index, genotype] of all.entries()) {
    const [parts, ramBytes, flashBytes] = rows[index];
    const network = decode(genotype.architecture, space.input, space.classes);
    if (typeof network === 'string') throw new Error(network);
    prices.set(JSON.stringify(network.layers), { ...paperCost(lower(network)), macs: macCount(network), ramBytes, flashBytes });
    accuracies.set(keyIn(space, genotype), parts / 10_000);
  }
  const share = (accuracy: number, { ramBytes, flashBytes }: Price) => [
    (1 - accuracy) / worstError,
    ramBytes / limits.ram,
    flashBytes / limits.flash,
  ];
  const points = all.map((genotype, index) => {
    const [, ramBytes, flashBytes] = rows[index];
    return share(accuracies.get(keyIn(space, genotype))!, { ramBytes, flashBytes } as Price);
  });
  return {
    name,
    limits,
    options: { space, price: (network) => prices.get(JSON.stringify(network.layers))!, objectives: OBJECTIVES, limits },
    accuracy: (key) => accuracies.get(key)!,
    share,
    whole: hypervolume(points, [1, 1, 1]),
  };
}

/** The hypervolume after each trial, as a share of the whole, and what proposing took. */
export type Curve = { readonly volumes: readonly number[]; readonly proposeMs: number };

export function search(table: Table, name: StrategyName, seed: number, trials: number): Curve {
  return follow(table, createStrategy(name, { ...table.options, seed }), trials);
}

export function follow(table: Table, strategy: Strategy, trials: number): Curve {
  const points: number[][] = [];
  const volumes: number[] = [];
  let proposeMs = 0;
  for (let trial = 0; trial < trials; trial++) {
    const begin = performance.now();
    const proposal = strategy.ask();
    proposeMs += performance.now() - begin;
    if (isExhausted(proposal)) throw new Error(`exhausted after ${trial} trials of ${table.name}`);
    const { refused: _, duplicates: __, ...configuration } = proposal;
    const accuracy = table.accuracy(keyIn(table.options.space, configuration.genotype!));
    strategy.tell({ ...configuration, durationMs: 1, status: 'finished', accuracy });
    points.push(table.share(accuracy, configuration.price));
    volumes.push(hypervolume(points, [1, 1, 1]) / table.whole);
  }
  return { volumes, proposeMs: proposeMs / trials };
}
