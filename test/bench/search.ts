import { parseArgs } from 'node:util';
import type { StrategyName } from '../../server/search/strategy.ts';
import { proposeMs } from './search/propose.ts';
import { search, wholeVolume } from './search/recorded.ts';

/**
 * Searches of a closed space of 1200 configurations, all of which were trained before (`search/record.ts`): inheritance, pruning and halving are off, nothing is
 * trained here. Hypervolume of error, RAM and flash as a share of the whole space's, against trials; the same seeds for each strategy. Last line: JSON, where
 * `hv` is the mean from the second quarter of the trials on; null is what recorded trials cannot tell.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, seeds: { type: 'string' } } });
const SEEDS = Number(values.seeds ?? (values.quick ? 9 : 31));
const TRIALS = 80;
const MARKS = [10, 20, 30, 40, 50, 60, 70, 80];
const names: readonly StrategyName[] = ['sparse', 'evolution', 'random'];

const whole = wholeVolume();
console.log(`recorded trials of a closed space, inheritance off: ${SEEDS} seeds, all of it dominates ${whole.toFixed(4)}`);
console.log(`| strategy | ${MARKS.map((mark) => `${mark} trials`).join(' | ')} | propose |`);
console.log(`|---|${MARKS.map(() => '---|').join('')}---|`);
const curves = new Map(names.map((name) => [name, Array.from({ length: SEEDS }, (_, seed) => search(name, seed + 1, TRIALS))]));
for (const [name, each] of curves) {
  const cells = MARKS.map((mark) => spread(each.map(({ volumes }) => volumes[mark - 1] / whole)));
  console.log(`| ${name} | ${cells.join(' | ')} | ${median(each.map((curve) => curve.proposeMs)).toFixed(1)} ms |`);
}
for (const other of ['evolution', 'random'] as const) console.log(`sparse - ${other}: ${lead('sparse', other)}`);
console.log(`evolution - random: ${lead('evolution', 'random')}`);
const [ms200, ms5000] = [200, 5000].map((trials) => proposeMs('sparse', trials));
console.log(`sparse proposes in ${ms200.toFixed(1)} ms at 200 trials of the whole space, in ${ms5000.toFixed(1)} ms at 5000`);

console.log(
  JSON.stringify({
    'hv.sparse': overall('sparse'),
    'hv.evolution': overall('evolution'),
    'hv.random': overall('random'),
    'propose.share200': null,
    'propose.ms5000': Number(ms5000.toFixed(1)),
    workers2: null,
  }),
);

/** The mean over the trials from the second quarter on, the median over seeds. */
function overall(name: StrategyName): number {
  const means = curves.get(name)!.map(({ volumes }) => {
    const later = volumes.slice(TRIALS / 4);
    return later.reduce((sum, volume) => sum + volume / whole, 0) / later.length;
  });
  return Number(median(means).toFixed(4));
}

/** Shares of the whole that was dominated. */
function volumesAt(name: StrategyName, trials: number): number[] {
  return curves.get(name)!.map(({ volumes }) => volumes[trials - 1] / whole);
}

/** The median over paired seeds of how much further the first is, at each mark; and how often it is ahead at the end. */
function lead(first: StrategyName, second: StrategyName): string {
  const gaps = (mark: number) => {
    const others = volumesAt(second, mark);
    return volumesAt(first, mark).map((volume, i) => volume - others[i]);
  };
  const wins = gaps(TRIALS).filter((gap) => gap > 0).length;
  return `${MARKS.map((mark) => median(gaps(mark)).toFixed(4)).join(' ')}; ahead on ${wins} of ${SEEDS} seeds`;
}

function spread(shares: number[]): string {
  const sorted = [...shares].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
  return `${at(0.5)} (${at(0.25)}..${at(0.75)})`;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}
