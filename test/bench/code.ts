/**
 * What the generated C costs on a simulated ATmega328P, beside the peers' published figures, and how well the plan predicts it:
 *
 *     node test/bench/code.ts [--quick]
 *
 * Network T is 28x28 - conv 3x3 s2 x4 - ReLU - conv 3x3 s2 x8 - ReLU - dense 10, without padding, nothing pruned. Its weights are random
 * here: neither RAM nor cycles depend on what they are worth. The last line is JSON; null is what this version does not build.
 */
import { generate } from '../../server/codegen/generate.ts';
import type { Layer, Network } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { predictCycles } from '../../server/plan/cycles.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import { planTarget } from '../../server/plan/target.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { createRandom } from '../../server/random.ts';
import { compileForAvr, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { compare, randomSamples } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { calibrate, randomParameters } from '../support/networks.ts';
import { measureOnArm } from './arm.ts';
import { measureNetworks } from './measure.ts';

const quick = process.argv.includes('--quick');
const target = planTarget({ architecture: 'avr' });

const conv = (name: string, from: string, filters: number): Layer[] => [
  { name, op: 'conv2d', inputs: [from], filters, kernel: [3, 3], stride: [2, 2], padding: 'valid' },
  { name: `${name}_relu`, op: 'relu', inputs: [name] },
];
const networkT: Network = {
  input: { height: 28, width: 28, channels: 1 },
  layers: [
    ...conv('first', 'input', 4),
    ...conv('second', 'first_relu', 8),
    { name: 'digits', op: 'dense', inputs: ['second_relu'], units: 10 },
  ],
};

async function measureT() {
  const random = createRandom(5);
  const parameters = randomParameters(networkT, random);
  const encoding = { zeroPoint: 33, deviation: 78 };
  const quantized = quantize(networkT, parameters, encoding, calibrate(networkT, parameters, encoding, random));
  const plan = choosePlan(quantized.input.shape, quantized.stages, target);
  const subject = subjectOf('net', quantized);
  const [header, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
  const samples = randomSamples(10, subject.sampleBytes, 1);
  const run = async (prefix: string) => {
    const elf = await compileForAvr(subject, [header, { path: source.path, content: prefix + source.content }], ATMEGA328P);
    const measured = runOnAvr(subject, elf, samples, ATMEGA328P);
    if (compare(quantized, samples, measured).different > 0) throw new Error('the chip answers otherwise than the interpreter');
    return measured;
  };
  return { plan, quantized, assembly: await run(''), plain: await run('#define SPARSE_PLAIN_C\n') };
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

function predictions(count: number) {
  const measured = measureNetworks(70000, count);
  const off = (predicted: number, found: number) => Math.abs(predicted - found) / found;
  const ram = measured.map(({ plan, stack }) => plan.stackBytes - stack);
  const flash = measured.map((each) => off(predictFlash(each.plan, target, each.network), each.flash));
  const cycles = measured.map((each) => off(predictCycles(each.plan, target, each.network)!, each.cycles));
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

const { plan, quantized, assembly, plain } = await measureT();
const m0 = await measureOnArm(quantized, 'stm32l011f4');
const m3 = await measureOnArm(quantized, 'stm32f103c8');
const m4 = await measureOnArm(quantized, 'stm32f303k8');
const ms20 = planMs();
const predicted = predictions(quick ? 40 : 250);

const row = (what: string, ram: number | string, flash: number | string, cycles: number | string) =>
  console.log(`${what.padEnd(58)} ${String(ram).padStart(7)} ${String(flash).padStart(7)} ${String(cycles).padStart(9)}`);
row('ATmega328P', 'RAM B', 'flash B', 'cycles');
row('network T, generated C', assembly.ramBytes, assembly.flashBytes, assembly.cycles);
row('network T, generated C, SPARSE_PLAIN_C', plain.ramBytes, plain.flashBytes, plain.cycles);
row('network T, machine code of an earlier prototype', 328, 7586, 182_000);
row('network T, C of an earlier prototype', 389, '', 486_000);
row('TinyMaix mnist_arduino (278 parameters, 85 %)', 1654, 9184, 770_000);
for (const [core, costs] of Object.entries({ 'Cortex-M0+, cycles': m0, 'Cortex-M3, instructions': m3, 'Cortex-M4, instructions': m4 }))
  if (costs) row(`network T, generated C, ${core}`, costs.ramBytes, costs.flashBytes, costs.cycles ?? costs.instructions!);
row('network T, C of an earlier prototype, Cortex-M0+, cycles', 500, '', 118_000);
row('network T, C of an earlier prototype, Cortex-M4, instructions', 484, '', 59_400);
row('CMSIS-NN, Cortex-M4, instructions', 2716, 16500, 192_000);
console.log(`network T: ${plan.ramBytes} B of RAM and ${predictCycles(plan, target, quantized)} cycles planned`);
console.log(
  `${predicted.count} random networks: RAM predicted - measured ${predicted.least} .. ${predicted.most} B, mean ${predicted.mean.toFixed(1)} B; ` +
    `flash off by ${(predicted.flashMean * 100).toFixed(1)} % on average, ${(predicted.flash * 100).toFixed(1)} % at most; ` +
    `cycles by ${(predicted.cyclesMean * 100).toFixed(1)} % on average, ${(predicted.cycles * 100).toFixed(1)} % at most`,
);
console.log(
  JSON.stringify({
    'avr.small.ram': Math.min(assembly.ramBytes, plain.ramBytes),
    'avr.fast.ram': assembly.ramBytes,
    'avr.fast.cycles': assembly.cycles,
    'avr.fast.flash': assembly.flashBytes,
    'avr.c.ram': plain.ramBytes,
    'avr.c.cycles': plain.cycles,
    'm0.cycles': m0?.cycles ?? null,
    'm4.instructions': m4?.instructions ?? null,
    'plan.ms20': Number(ms20.toFixed(3)),
    'ram.error_min': predicted.least,
    'ram.error_max': predicted.most,
    'flash.error': Number(predicted.flash.toFixed(4)),
    'cycles.error': Number(predicted.cycles.toFixed(4)),
  }),
);
