import { parseArgs } from 'node:util';
import type { DataName } from './search/data.ts';
import { runAll } from './search/full.ts';
import { proposeAllMs, proposeMs } from './search/propose.ts';
import { mean } from './search/spread.ts';
import { compare } from './search/tables.ts';
import { twoWorkers } from './search/workers.ts';

/**
 * Without `--quick` first real searches, `--searches` seeds of each (`search/full.ts`); nothing else with `--real`. Then searches of closed spaces whose configurations were all trained before (`search/record.ts`): inheritance, pruning and halving are off, nothing is trained here.
 * Then what proposing costs in the whole space, and what a second worker is worth. Last line: JSON, where `hv` is the mean over the recorded spaces.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    real: { type: 'boolean' },
    seeds: { type: 'string' },
    first: { type: 'string' },
    searches: { type: 'string' },
  },
});
const seeds = Array.from({ length: Number(values.seeds ?? (values.quick ? 3 : 50)) }, (_, i) => Number(values.first ?? 1) + i);
const SPACES: readonly DataName[] = ['digits', 'mnist', 'cifar10-binary'];

if (!values.quick) await runAll(Number(values.searches ?? 5));
if (values.real) process.exit();

console.log('recorded trials of closed spaces, inheritance off');
const found = SPACES.map((name) => compare(name, seeds));

const all = proposeAllMs('sparse', 200);
const ms5000 = proposeMs('sparse', 5000, 5);
console.log(`\na proposal after 5000 trials takes ${ms5000.toFixed(1)} ms`);
const { trialMs, gain } = await twoWorkers(values.quick ? 40 : 60);
const share = all / (all + 200 * trialMs);
console.log(
  `\n200 proposals of the whole space take ${(all / 1000).toFixed(1)} s beside ${(0.2 * trialMs).toFixed(0)} s for 200 trials of drawn digits, as long as the example's`,
);
console.log(`two workers get ${gain.toFixed(2)} times as much done as one`);

console.log(
  JSON.stringify({
    'hv.sparse': rounded(mean(found.map(({ sparse }) => sparse))),
    'hv.evolution': rounded(mean(found.map(({ evolution }) => evolution))),
    'hv.random': rounded(mean(found.map(({ random }) => random))),
    'propose.share200': rounded(share),
    'propose.ms5000': Number(ms5000.toFixed(1)),
    workers2: Number(gain.toFixed(2)),
  }),
);

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
