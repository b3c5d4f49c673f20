/**
 * Fits what a plan predicts of plain C for a 32-bit core to what arm-none-eabi-gcc and the simulators make of random networks, and tests it on others:
 *
 *     node test/bench/fitarm.ts [cortex-m0plus | cortex-m3 | cortex-m4]
 *
 * prints the coefficients of `server/plan/arm.ts`. Measurements are kept in `test/bench/out/fit`, one file per core and first seed; remove
 * them when the generated code changes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Stage } from '../../server/network/stage.ts';
import {
  armDriverFrameFeatures,
  armFrameFeatures,
  armRestFeatures,
  armSizeFeatures,
  formOf,
  frameOf,
} from '../../server/plan/armfeatures.ts';
import { tableBytes } from '../../server/plan/flash.ts';
import { isConstant } from '../../server/plan/weights.ts';
import { WORK, workOf } from '../../server/plan/work.ts';
import type { ArmChip } from '../../server/verify/arm.ts';
import { type Measured, measureOnCore } from './armnetworks.ts';
import { dot, envelope, leastSquares, positiveLeastSquares } from './regression.ts';

const cpu = (process.argv[2] ?? 'cortex-m0plus') as ArmChip['cpu'];
type Fitted = Omit<Measured, 'network'>;

const OUT = new URL('out/fit/', import.meta.url);

async function measured(seed: number, count: number): Promise<Fitted[]> {
  const file = new URL(`${cpu}-${seed}.json`, OUT);
  if (!existsSync(file)) {
    mkdirSync(OUT, { recursive: true });
    const measured = await measureOnCore(cpu, seed, count, { plain: true });
    writeFileSync(file, JSON.stringify(measured.map(({ network: _, ...each }) => each)));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const fitting = await measured(20000, 300);
const testing = await measured(30000, 210);

const stagesOf = ({ plan }: Fitted): Stage[] => plan.stages.map(({ stage }) => stage);
const nonZerosOf = ({ nz }: Fitted, stage: Stage): number => nz[stage.name] ?? 0;
const own = (of: Fitted['su'], { name }: Stage): number[] => ['row', 'fold', 'close'].map((ending) => of[`${name}_${ending}`] ?? 0);
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
const tenths = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 10) / 10);

type Samples = { rows: number[][]; values: number[] };

function grouped(
  key: (network: Fitted, stage: Stage) => string,
  sample: (network: Fitted, stage: Stage, streamed: boolean) => [number[], number],
) {
  const samples = new Map<string, Samples>();
  for (const network of fitting)
    stagesOf(network).forEach((stage, i) => {
      const name = key(network, stage);
      const { rows, values } = samples.get(name) ?? samples.set(name, { rows: [], values: [] }).get(name)!;
      const [row, value] = sample(network, stage, i < network.plan.streamed);
      rows.push(row);
      values.push(value);
    });
  return [...samples];
}

function bound({ rows, values }: Samples): number[] {
  const { lift, coefficients } = envelope(rows, values);
  return tenths([coefficients[0] + lift, ...coefficients.slice(1)]);
}

const frames = Object.fromEntries(
  grouped(
    (_, stage) => frameOf(stage),
    (network, stage, streamed) => [armFrameFeatures(stage, streamed), Math.max(...own(network.su, stage))],
  ).map(([form, samples]) => [form, bound(samples)]),
);
const driver = (name: 'step' | 'run_whole') => {
  const those = fitting.filter(({ su }) => su[name] !== undefined);
  return bound({
    rows: those.map((network) => armDriverFrameFeatures(stagesOf(network), network.plan.streamed)),
    values: those.map(({ su }) => su[name]),
  });
};
const drivers = { step: driver('step'), whole: driver('run_whole') };
function chain(network: Fitted): number {
  const features = armDriverFrameFeatures(stagesOf(network), network.plan.streamed);
  return Math.max(
    ...stagesOf(network).map((stage, i) => {
      const streamed = i < network.plan.streamed;
      return dot(armFrameFeatures(stage, streamed), frames[frameOf(stage)]) + dot(features, streamed ? drivers.step : drivers.whole);
    }),
  );
}
const base = Math.ceil(Math.max(...fitting.map((network) => network.stack - chain(network)))) + 12;

const spread = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return `least ${sorted[0].toFixed(3)}, mean ${(sum(sorted) / sorted.length).toFixed(3)}, 95 % ${sorted[Math.floor(sorted.length * 0.95)].toFixed(3)}, most ${sorted.at(-1)!.toFixed(3)}`;
};
console.log(JSON.stringify({ base, ...drivers }));
console.log(JSON.stringify(frames));
for (const [what, networks] of Object.entries({ fitted: fitting, tested: testing }))
  console.log(
    `stack predicted - measured, ${what}: ${spread(networks.map((network) => Math.round(chain(network) + base) - network.stack))}`,
  );

const sizes = Object.fromEntries(
  grouped(
    (network, stage) => formOf(stage, nonZerosOf(network, stage)),
    (network, stage, streamed) => [armSizeFeatures(stage, streamed, nonZerosOf(network, stage)), sum(own(network.sizes, stage))],
  ).map(([form, { rows, values }]) => [form, tenths(leastSquares(rows, values))]),
);
const tables = (network: Fitted) =>
  sum(
    stagesOf(network).map((stage) => {
      const nonZeros = nonZerosOf(network, stage);
      return isConstant(stage, nonZeros) ? 0 : tableBytes(stage, nonZeros);
    }),
  );
const predicted = (network: Fitted) =>
  sum(
    stagesOf(network).map((stage, i) => {
      const nonZeros = nonZerosOf(network, stage);
      return dot(armSizeFeatures(stage, i < network.plan.streamed, nonZeros), sizes[formOf(stage, nonZeros)]);
    }),
  );
const restRow = (network: Fitted) => armRestFeatures(stagesOf(network), network.plan.streamed);
const restOf = (network: Fitted) => network.flash - tables(network) - sum(stagesOf(network).flatMap((stage) => own(network.sizes, stage)));
const rest = tenths(leastSquares(fitting.map(restRow), fitting.map(restOf)));
const flashError = (network: Fitted) => Math.abs((tables(network) + predicted(network) + dot(restRow(network), rest)) / network.flash - 1);
console.log(JSON.stringify({ sizes, rest }));
for (const [what, networks] of Object.entries({ fitted: fitting, tested: testing }))
  console.log(`flash, relative error, ${what}: ${spread(networks.map(flashError))}`);

const inputOf = (network: Fitted) =>
  stagesOf(network).flatMap((stage) => stage.inputs.flatMap((name, i) => (name === 'input' ? [stage.inputShapes[i]] : [])))[0];
const work = (network: Fitted) =>
  workOf(inputOf(network), stagesOf(network), network.plan.streamed, (stage) => nonZerosOf(network, stage), isConstant);
const cycles = tenths(
  positiveLeastSquares(
    fitting.map(work),
    fitting.map((network) => network.cycles),
    fitting.map((network) => 1e6 / network.cycles ** 2),
  ),
);
console.log(JSON.stringify(Object.fromEntries(WORK.map((step, i) => [step, cycles[i]]))));
for (const [what, networks] of Object.entries({ fitted: fitting, tested: testing }))
  console.log(
    `cycles, relative error, ${what}: ${spread(networks.map((network) => Math.abs(dot(work(network), cycles) / network.cycles - 1)))}`,
  );
