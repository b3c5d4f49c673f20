/**
 * Fits what a plan predicts for an AVR to what avr-gcc and the simulator make of random networks, and tests it on others:
 *
 *     node test/bench/fit.ts [--plain]
 *
 * prints what surrounds machine code, for `server/plan/caller.ts`; with `--plain` the stack, flash and cycles of plain C, for
 * `server/plan/avr.ts`. Measurements are kept in `test/bench/out/fit`, one file per first seed; remove them when the generated code changes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hasWeights, type Stage, type StageOp } from '../../server/network/stage.ts';
import { callerSizeFeatures, callerWorkFeatures } from '../../server/plan/caller.ts';
import { emission } from '../../server/plan/emission.ts';
import { driverFeatures, driverFrameFeatures, frameFeatures, sizeFeatures } from '../../server/plan/features.ts';
import { tableBytes } from '../../server/plan/flash.ts';
import { WORK, workOf } from '../../server/plan/work.ts';
import { type Measured, measureNetworks, nonZerosOf } from './measure.ts';
import { dot, envelope, leastSquares, positiveLeastSquares } from './regression.ts';

const OUT = new URL('out/fit/', import.meta.url);

const tenths = (values: readonly number[]) => values.map((value) => Math.round(value * 10) / 10);

type Kept = Omit<Measured, 'network'> & { readonly nz: { readonly [stage: string]: number } };

function measured(seed: number, count: number): Kept[] {
  const file = new URL(`${seed}.json`, OUT);
  if (!existsSync(file)) {
    mkdirSync(OUT, { recursive: true });
    const networks = measureNetworks(seed, count, { plain: true }).map(({ network, ...rest }) => ({
      ...rest,
      nz: nonZerosOf({ network }),
    }));
    writeFileSync(file, JSON.stringify(networks));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The compiler's part of a program around machine code, which is written and counted. */
function fitCaller(): void {
  const networks = measureNetworks(40000, 200).filter(({ plan }) => plan.machine);
  const written = networks.map(({ plan, network }) => emission(plan, network));
  const bytes = leastSquares(
    networks.map(({ plan }) => callerSizeFeatures(plan)),
    networks.map(({ flash }, i) => flash - written[i].bytes),
  );
  const work = leastSquares(
    networks.map(({ plan }) => callerWorkFeatures(plan)),
    networks.map(({ cycles }, i) => cycles - written[i].cycles),
    networks.map(({ cycles }) => 1e6 / cycles ** 2),
  );
  console.log(JSON.stringify({ sizes: tenths(bytes), cycles: tenths(work) }));
}

if (!process.argv.includes('--plain')) {
  fitCaller();
  process.exit();
}

const weightsLeft = (network: Kept, stage: Stage): number => network.nz[stage.name] ?? 0;
/** Of the stage that reads the input. */
const inputOf = (network: Kept) =>
  stagesOf(network).flatMap((stage) => stage.inputs.flatMap((name, i) => (name === 'input' ? [stage.inputShapes[i]] : [])))[0];
const stagesOf = (network: Kept): Stage[] => network.plan.stages.map((each) => each.stage);
const requantizes = (stage: Stage): boolean => stage.op === 'averagePool' || (hasWeights(stage) && !stage.raw);

/** A stage's own frame and that of the scaling that it calls. */
function frameOf({ su }: Kept, stage: Stage): number {
  const scaling = requantizes(stage) ? (su.multiply_high24 ?? su.multiply_high ?? 0) : 0;
  const of = (ending: string, callee: number) => (su[`${stage.name}_${ending}`] === undefined ? 0 : su[`${stage.name}_${ending}`] + callee);
  return Math.max(of('row', scaling), of('fold', 0), of('close', scaling));
}

type Samples = { rows: number[][]; values: number[] };

function byForm(
  networks: readonly Kept[],
  features: (network: Kept, stage: Stage, streamed: boolean) => number[],
  value: (network: Kept, stage: Stage) => number,
) {
  const samples = new Map<StageOp, Samples>();
  for (const network of networks)
    stagesOf(network).forEach((stage, i) => {
      const form = stage.op;
      const { rows, values } = samples.get(form) ?? samples.set(form, { rows: [], values: [] }).get(form)!;
      rows.push(features(network, stage, i < network.plan.streamed));
      values.push(value(network, stage));
    });
  return samples;
}

const fitting = measured(20000, 420 + 200);
const testing = measured(30000, 300);

const frames = Object.fromEntries(
  [...byForm(fitting, (_, stage, streamed) => frameFeatures(stage, streamed), frameOf)].map(([form, { rows, values }]) => {
    const { lift, coefficients } = envelope(rows, values);
    return [form, tenths([coefficients[0] + lift, ...coefficients.slice(1)])];
  }),
);
const driver = (name: 'step' | 'run_whole') => {
  const with_ = fitting.filter((network) => network.su[name] !== undefined);
  const { lift, coefficients } = envelope(
    with_.map((network) => [1, ...driverFrameFeatures(stagesOf(network), network.plan.streamed)]),
    with_.map((network) => network.su[name]),
  );
  return tenths([coefficients[0] + lift, ...coefficients.slice(1)]);
};
const drivers = { step: driver('step'), whole: driver('run_whole') };

function chain(network: Kept): number {
  const stages = stagesOf(network);
  const features = [1, ...driverFrameFeatures(stages, network.plan.streamed)];
  return Math.max(
    ...stages.map((stage, i) => {
      const streamed = i < network.plan.streamed;
      const frame = dot(frameFeatures(stage, streamed), frames[stage.op]);
      return frame + dot(features, streamed ? drivers.step : drivers.whole);
    }),
  );
}
const over = (networks: readonly Kept[], base: number) => networks.map((network) => Math.round(chain(network) + base) - network.stack);
const base = Math.ceil(Math.max(...fitting.map((network) => network.stack - chain(network)))) + 1;

const spread = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length;
  return `least ${sorted[0].toFixed(3)}, mean ${mean.toFixed(3)}, 95 % ${sorted[Math.floor(sorted.length * 0.95)].toFixed(3)}, most ${sorted.at(-1)!.toFixed(3)}`;
};
console.log(JSON.stringify({ base, frames, drivers }));
console.log(`stack predicted - measured, fitted: ${spread(over(fitting, base))}`);
console.log(`stack predicted - measured, tested: ${spread(over(testing, base))}`);

const sizeOf = ({ sizes }: Kept, stage: Stage) =>
  ['row', 'fold', 'close'].reduce((sum, ending) => sum + (sizes[`${stage.name}_${ending}`] ?? 0), 0);
const sizes = Object.fromEntries(
  [...byForm(fitting, (_, stage, streamed) => sizeFeatures(stage, streamed), sizeOf)].map(([form, { rows, values }]) => [
    form,
    tenths(leastSquares(rows, values)),
  ]),
);
const tablesOf = (network: Kept) => stagesOf(network).reduce((sum, stage) => sum + tableBytes(stage, weightsLeft(network, stage)), 0);
const stageSizes = (network: Kept) =>
  stagesOf(network).reduce((sum, stage, i) => {
    return sum + dot(sizeFeatures(stage, i < network.plan.streamed), sizes[stage.op]);
  }, 0);
const restFeatures = (network: Kept) => [
  1,
  ...driverFeatures(stagesOf(network), network.plan.streamed),
  Number(stagesOf(network).some(requantizes)),
  Number(stagesOf(network).some((stage) => stage.op === 'averagePool')),
];
const restOf = (network: Kept) =>
  network.flash - tablesOf(network) - stagesOf(network).reduce((sum, stage) => sum + sizeOf(network, stage), 0);
const rest = tenths(leastSquares(fitting.map(restFeatures), fitting.map(restOf)));
const flashError = (networks: readonly Kept[]) =>
  networks.map(
    (network) => Math.abs(tablesOf(network) + stageSizes(network) + dot(restFeatures(network), rest) - network.flash) / network.flash,
  );
console.log(JSON.stringify({ sizes, rest }));
console.log(`flash, relative error, fitted: ${spread(flashError(fitting))}`);
console.log(`flash, relative error, tested: ${spread(flashError(testing))}`);

const workOfNetwork = (network: Kept) =>
  workOf(
    inputOf(network),
    stagesOf(network),
    network.plan.streamed,
    (stage) => weightsLeft(network, stage),
    () => false,
  );
const cycles = tenths(
  positiveLeastSquares(
    fitting.map(workOfNetwork),
    fitting.map((network) => network.cycles),
    fitting.map((network) => 1e6 / network.cycles ** 2),
  ),
);
const cyclesError = (networks: readonly Kept[]) =>
  networks.map((network) => Math.abs(dot(workOfNetwork(network), cycles) - network.cycles) / network.cycles);
console.log(JSON.stringify({ cycles: Object.fromEntries(WORK.map((step, i) => [step, cycles[i]])) }));
console.log(`cycles, relative error, fitted: ${spread(cyclesError(fitting))}`);
console.log(`cycles, relative error, tested: ${spread(cyclesError(testing))}`);
