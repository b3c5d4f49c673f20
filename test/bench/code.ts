/**
 * What the generated code costs on a simulated ATmega328P and on Cortex-M, beside the peers' published figures, and how well the plan predicts it:
 *
 *     node test/bench/code.ts [--quick]
 *
 * Network T is 28x28 - conv 3x3 s2 x4 - ReLU - conv 3x3 s2 x8 - ReLU - dense 10, without padding, nothing pruned; `chip/t.json` are its
 * integers as `chip/train.ts` trained them on MNIST: 4-bit weights of the convolutions, scales that are powers of two. The other networks are
 * drawn by the search of the digits example and trained for two epochs. The last line is JSON.
 */
import { readFileSync } from 'node:fs';
import { generate } from '../../server/codegen/generate.ts';
import type { Layer } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { compiled } from '../../server/plan/avr.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { withMostCode } from '../../server/plan/code.ts';
import { predictCycles } from '../../server/plan/cycles.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import type { Plan, PlanTarget } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import { modelFromJson } from '../../server/quantize/file.ts';
import { integerAccuracy } from '../../server/quantize/interpreter.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { findArmCompiler } from '../../server/verify/arm.ts';
import { type AvrRun, compileForAvr, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { compare, randomSamples } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { measureOnArm } from './arm.ts';
import { measureOnCore } from './armnetworks.ts';
import { trainedCandidates } from './chip/candidates.ts';
import { widened } from './chip/widened.ts';
import { measureNetworks } from './measure.ts';

const quick = process.argv.includes('--quick');
const target = planTarget({ architecture: 'avr' });

/** Answers equal the interpreter's over these, or the bench ends. */
const RANDOM = quick ? 3 : 10;

/** Runs a network under a plan: as its C stands, or with the machine code left out. */
async function run(quantized: QuantizedNetwork, plan: Plan, plain = false): Promise<AvrRun> {
  const subject = subjectOf('net', quantized);
  const [header, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
  const content = plain ? `#define SPARSE_PLAIN_C\n${source.content}` : source.content;
  const elf = await compileForAvr(subject, [header, { path: source.path, content }], ATMEGA328P);
  const samples = randomSamples(RANDOM, subject.sampleBytes, 1);
  const measured = runOnAvr(subject, elf, samples, ATMEGA328P);
  if (compare(quantized, samples, measured).different > 0) throw new Error('the chip answers otherwise than the interpreter');
  return measured;
}

/** Network T from three builds: the smallest plan, the fastest in 330 B of RAM and 7 KB of flash, and plain C under a plan for it. */
async function measureT() {
  const { accuracy, ...model } = JSON.parse(readFileSync(new URL('chip/t.json', import.meta.url), 'utf8'));
  const quantized = modelFromJson(model);
  const { shape } = quantized.input;
  const plans = {
    small: choosePlan(shape, quantized.stages, target, { objective: 'ram' }),
    fast: withMostCode(choosePlan(shape, quantized.stages, target, { objective: 'cycles', ramBytes: 330 }), target, 7168, quantized),
    plain: choosePlan(shape, quantized.stages, compiled, { objective: 'cycles', ramBytes: 390 }),
  };
  const [small, fast, plain] = [
    await run(quantized, plans.small),
    await run(quantized, plans.fast),
    await run(quantized, plans.plain, true),
  ];
  return { accuracy: accuracy as number, quantized, plans, small, fast, plain };
}

/** Nothing, where the linker says that a program is too large for the chip; what is wrong otherwise is thrown. */
function tooLarge(error: unknown): undefined {
  if (!(error instanceof Error && error.message.includes('will not fit in region'))) throw error;
}

/** Milliseconds to choose the plan of 20 convolutions, the median of many. */
function planMs(): number {
  const layers = Array.from(
    { length: 20 },
    (_, i): Layer => ({
      name: `c${i}`,
      op: 'conv2d',
      inputs: [i ? `c${i - 1}` : 'input'],
      filters: 4,
      kernel: [3, 3],
      stride: [1, 1],
      padding: 'same',
    }),
  );
  const input = { height: 32, width: 32, channels: 1 };
  const stages = lower({ input, layers });
  const times = Array.from({ length: 200 }, () => {
    const begun = performance.now();
    choosePlan(input, stages, target);
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[100];
}

/** How far off a plan's predictions are, over random networks. */
type Errors = { [figure in 'count' | 'least' | 'most' | 'mean' | 'flash' | 'flashMean' | 'cycles' | 'cyclesMean']: number };
type Measured = { readonly plan: Plan; readonly network: QuantizedNetwork; readonly flash: number; readonly cycles: number };

function errorsOf<Each extends Measured>(measured: readonly Each[], core: PlanTarget, ramError: (each: Each) => number): Errors {
  const off = (predicted: number, found: number) => Math.abs(predicted - found) / found;
  const ram = measured.map(ramError);
  const flash = measured.map((each) => off(predictFlash(each.plan, core, each.network), each.flash));
  const cycles = measured.map((each) => off(predictCycles(each.plan, core, each.network)!, each.cycles));
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  return {
    count: measured.length,
    least: Math.min(...ram),
    most: Math.max(...ram),
    mean: mean(ram),
    flash: Math.max(...flash),
    flashMean: mean(flash),
    cycles: Math.max(...cycles),
    cyclesMean: mean(cycles),
  };
}

/** On an ATmega328P, whose static RAM is that of the plan to the byte. */
const onAvr = (count: number): Errors => errorsOf(measureNetworks(70000, count), target, ({ plan, stack }) => plan.stackBytes - stack);

/** On a Cortex-M0+, by rows and a third as many by pixels; undefined where the tools for it are missing. */
async function onM0(count: number): Promise<Errors | undefined> {
  if (!findArmCompiler()) return undefined;
  const measured = [
    ...(await measureOnCore('cortex-m0plus', 72000, count)),
    ...(await measureOnCore('cortex-m0plus', 74000, Math.ceil(count / 3), { unit: 'pixel' })),
  ];
  return errorsOf(measured, planTarget({ architecture: 'cortex-m0plus' }), ({ plan, ram }) => plan.ramBytes - ram);
}

const { accuracy, quantized, plans, small, fast, plain } = await measureT();
const candidates = await trainedCandidates(3);
const m0 = await measureOnArm(quantized, 'stm32l011f4');
const m0Wide = await measureOnArm(widened(quantized), 'stm32l011f4');
const m3 = await measureOnArm(quantized, 'stm32f103c8');
const m4 = await measureOnArm(quantized, 'stm32f303k8');
const ms20 = planMs();
const errors = { ATmega328P: onAvr(quick ? 40 : 250), 'Cortex-M0+': await onM0(quick ? 24 : 200) };
const all = Object.values(errors).filter((each) => each !== undefined);

const row = (what: string, ram: number | string, flash: number | string, cycles: number | string) =>
  console.log(`${what.padEnd(58)} ${String(ram).padStart(7)} ${String(flash).padStart(7)} ${String(cycles).padStart(9)}`);
row('ATmega328P', 'RAM B', 'flash B', 'cycles');
const share = (accuracy_: number) => `${(accuracy_ * 100).toFixed(2)} %`;
row(`network T (${share(accuracy)} in integers), the smallest plan`, small.ramBytes, small.flashBytes, small.cycles);
row('network T, the fast plan', fast.ramBytes, fast.flashBytes, fast.cycles);
row('network T, plain C', plain.ramBytes, plain.flashBytes, plain.cycles);
row('network T, machine code of an earlier prototype (97.17 %)', 328, 7586, 182_000);
row('network T, C of an earlier prototype, rows', 389, '', 486_000);
row('network T, C of an earlier prototype, pixels', 240, '', 637_000);
row('TinyMaix mnist_arduino (278 parameters, 85 %)', 1654, 9184, 770_000);
for (const [i, each] of candidates.entries()) {
  const { shape } = each.quantized.input;
  const chosen = choosePlan(shape, each.quantized.stages, target, { objective: 'cycles' });
  const measured = await run(each.quantized, chosen);
  const right = integerAccuracy(each.quantized, each.test);
  row(`digits network ${i + 1} (${share(right)}), ${chosen.unit}s`, measured.ramBytes, measured.flashBytes, measured.cycles);
  row('  predicted', chosen.ramBytes, predictFlash(chosen, target, each.quantized), predictCycles(chosen, target, each.quantized)!);
  const c = await run(each.quantized, choosePlan(shape, each.quantized.stages, compiled, { objective: 'cycles' }), true).catch(tooLarge);
  if (c) row('  plain C', c.ramBytes, c.flashBytes, c.cycles);
  else row('  plain C, more than the chip has', '', '', '');
}
for (const [core, costs] of Object.entries({
  'Cortex-M0+, cycles': m0,
  'ordinary 8-bit weights, Cortex-M0+': m0Wide,
  'Cortex-M3, instructions': m3,
  'Cortex-M4, instructions': m4,
}))
  if (costs) row(`network T, generated C, ${core}`, costs.ramBytes, costs.flashBytes, costs.cycles ?? costs.instructions!);
row('network T, C of an earlier prototype, Cortex-M0+, cycles', 500, '', 118_000);
row('network T, C of an earlier prototype, Cortex-M4, instructions', 484, '', 59_400);
row('CMSIS-NN, Cortex-M4, instructions', 2716, 16500, 192_000);
for (const [what, plan] of Object.entries({ 'smallest plan': plans.small, 'fast plan': plans.fast }))
  console.log(
    `network T, the ${what}: predicted ${plan.ramBytes} B of RAM, ${predictFlash(plan, target, quantized)} B of flash, ` +
      `${predictCycles(plan, target, quantized)} cycles`,
  );
for (const [core, found] of Object.entries(errors))
  if (found)
    console.log(
      `${found.count} random networks on a ${core}: RAM predicted - measured ${found.least} .. ${found.most} B, mean ${found.mean.toFixed(1)} B; ` +
        `flash off by ${(found.flashMean * 100).toFixed(1)} % on average, ${(found.flash * 100).toFixed(1)} % at most; ` +
        `cycles by ${(found.cyclesMean * 100).toFixed(1)} % on average, ${(found.cycles * 100).toFixed(1)} % at most`,
    );
console.log(
  JSON.stringify({
    'avr.small.ram': small.ramBytes,
    'avr.small.cycles': small.cycles,
    'avr.small.flash': small.flashBytes,
    'avr.fast.ram': fast.ramBytes,
    'avr.fast.cycles': fast.cycles,
    'avr.fast.flash': fast.flashBytes,
    'avr.c.ram': plain.ramBytes,
    'avr.c.cycles': plain.cycles,
    'm0.cycles': m0?.cycles ?? null,
    'm0.wide.cycles': m0Wide?.cycles ?? null,
    'm0.ram': m0?.ramBytes ?? null,
    'm0.flash': m0?.flashBytes ?? null,
    'm4.instructions': m4?.instructions ?? null,
    'plan.ms20': Number(ms20.toFixed(3)),
    'ram.error_min': Math.min(...all.map(({ least }) => least)),
    'ram.error_max': Math.max(...all.map(({ most }) => most)),
    'flash.error': Number(Math.max(...all.map(({ flash }) => flash)).toFixed(4)),
    'cycles.error': Number(Math.max(...all.map(({ cycles }) => cycles)).toFixed(4)),
  }),
);
