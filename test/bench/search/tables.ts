import type { StrategyName } from '../../../server/search/strategy.ts';
import type { DataName } from './data.ts';
import { type Curve, readTable, search } from './recorded.ts';
import { cell, later, lead, median } from './spread.ts';

const NAMES: readonly StrategyName[] = ['sparse', 'evolution', 'random'];
const TRIALS = 60;
const MARKS = [8, 15, 30, 45, 60];

/** Each strategy on one recorded space, from the same seeds, told in Markdown. Returns the mean from the second quarter of the trials on, the median over seeds. */
export function compare(name: DataName, seeds: readonly number[]): { readonly [strategy in StrategyName]: number } {
  const table = readTable(name);
  const curves = new Map<StrategyName, Curve[]>(
    NAMES.map((strategy) => [strategy, seeds.map((seed) => search(table, strategy, seed, TRIALS))]),
  );
  const volumes = (strategy: StrategyName) => curves.get(strategy)!.map((curve) => curve.volumes);
  console.log(
    `\n${name}: hypervolume as a share of the whole space's, seeds ${seeds[0]} to ${seeds[seeds.length - 1]}: median and quartiles after so many trials`,
  );
  console.log(`\n| strategy | ${MARKS.join(' | ')} | mean from ${TRIALS / 4} on | propose |`);
  console.log(`|---|${MARKS.map(() => '---|').join('')}---|---|`);
  for (const strategy of NAMES) {
    const ms = median(curves.get(strategy)!.map((curve) => curve.proposeMs)).toFixed(1);
    const cells = MARKS.map((mark) => cell(volumes(strategy), mark)).join(' | ');
    console.log(`| ${strategy} | ${cells} | ${later(volumes(strategy)).toFixed(4)} | ${ms} ms |`);
  }
  console.log('');
  for (const [first, second] of PAIRS) console.log(`${first} - ${second}: ${lead(volumes(first), volumes(second), MARKS)}`);
  return { sparse: later(volumes('sparse')), evolution: later(volumes('evolution')), random: later(volumes('random')) };
}

const PAIRS = [
  ['sparse', 'evolution'],
  ['sparse', 'random'],
  ['evolution', 'random'],
] as const;
