import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { machineWithin } from '../../server/codegen/machine.ts';
import { findChip } from '../../server/device/find.ts';
import type { Layer } from '../../server/network/network.ts';
import type { Stage } from '../../server/network/stage.ts';
import { small } from '../../server/plan/arm.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { machineOf } from '../../server/plan/machine.ts';
import type { Plan, Unit } from '../../server/plan/plan.ts';
import { intakeOf } from '../../server/plan/stream.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { createRandom } from '../../server/random.ts';
import { mostStack } from '../../server/thumb/frame.ts';
import { prove } from '../../server/verify/proof.ts';
import { randomlyQuantized, randomQuantized } from '../support/networks.ts';
import { assertAnswers, assertProven, assertToldApart } from '../support/proven.ts';

const folds = (stage: Stage, unit: Unit): boolean => intakeOf(stage, unit) === 'fold';

/** And from a stack that was bounded before weights were known. */
function assertBounded(network: QuantizedNetwork, plan: Plan, what: string): void {
  const { run, ratio } = assertProven(network, plan, what);
  assert.ok(ratio > 0.98 && ratio < 1.05, `${what}: ${ratio} of the cycles`);
  const over =
    mostStack(network.stages, plan.streamed, plan.unit, { ...plan.machine!, leastFlash: plan.leastFlash }, folds) - run.stackBytes;
  assert.ok(over >= 0 && over <= 12, `${what}: ${over} B of stack are promised and not used`);
}

const unusual = [{}, {}, {}, { dilation: true }, { clipped: true }, { narrow: true }];

test("machine code gives the interpreter's bits on random networks: rows and pixels, any cut, weights in pairs, in bytes, in few bits and in runs; no compiler is needed", () => {
  let proven = 0;
  for (let seed = 0; seed < 120; seed++) {
    const random = createRandom(40_000 + seed);
    const { quantized } = randomQuantized(random, { largest: 11, ...unusual[seed % 6] }, [0, 0.5, 0.8, 0.95][seed % 4]);
    const { shape } = quantized.input;
    const all = quantized.stages.length;
    for (const unit of ['row', 'pixel'] as const) {
      const streamed = seed % 3 ? all : 1 + random.integer(all);
      if (unit === 'pixel' && shape.width === 1) continue;
      const plan = planWith({ unit, streamed }, shape, quantized.stages, small);
      if (!plan.machine) continue;
      const machine = { ...plan.machine, mostInCode: [4000, 0, 100][(seed + Math.floor(seed / 6)) % 3] };
      const least = seed % 5 === 0 && { leastFlash: true as const };
      assertBounded(quantized, { ...plan, machine, ...least }, `seed ${seed}, ${streamed} of ${all} by ${unit}`);
      proven++;
    }
  }
  assert.ok(proven > 180, `only ${proven} were proven`);
});

test('before weights are known the stack is bounded by those that need most', () => {
  for (let seed = 0; seed < 60; seed++) {
    const { quantized } = randomQuantized(createRandom(41_000 + seed), { largest: 11 });
    const untrained = quantized.stages.map(({ weights: _, rescale: __, ...stage }) => stage);
    for (const unit of ['row', 'pixel'] as const) {
      const [before, after] = [untrained, quantized.stages].map((stages) =>
        mostStack(stages, stages.length, unit, { mostInCode: 4000 }, folds),
      );
      assert.ok(before >= after && before <= after + 16, `seed ${seed}: ${before} B before training, ${after} B after`);
    }
  }
});

test('tables of many weights lie within reach', () => {
  const layers: Layer[] = [
    { name: 'f', op: 'flatten', inputs: ['input'] },
    { name: 'd', op: 'dense', inputs: ['f'], units: 120 },
    { name: 'e', op: 'dense', inputs: ['d'], units: 100 },
  ];
  const { quantized } = randomlyQuantized({ input: { height: 25, width: 25, channels: 1 }, layers }, createRandom(5));
  for (const streamed of [0, 2])
    assertBounded(quantized, planWith({ unit: 'row', streamed }, quantized.input.shape, quantized.stages, small), `${streamed} streamed`);
});

test('the machine code in a C file is found again, and nothing that was changed', () => {
  for (let seed = 0; seed < 12; seed++) {
    const { quantized } = randomQuantized(createRandom(700 + seed), { largest: 9 });
    const objective = (['cycles', 'ram', 'flash'] as const)[seed % 3];
    const plan = choosePlan(quantized.input.shape, quantized.stages, small, { objective });
    const [, { content }] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const machine = machineWithin(content, 'net', quantized);
    assert.equal(machine?.core, 'thumb');
    assertAnswers(quantized, machine!, `seed ${seed}`);
    const changed = content.replace(/"(movs r\d+, #)(\d+)\\n"/, (_, what, value) => `"${what}${(Number(value) + 1) % 256}\\n"`);
    assert.notEqual(changed, content);
    assert.equal(machineWithin(changed, 'net', quantized), undefined);
  }
});

test('where there is no compiler the machine code in the C is proven on a simulated Cortex-M0+', async () => {
  const { quantized: network } = randomQuantized(createRandom(77), { largest: 9 });
  const plan = choosePlan(network.input.shape, network.stages, small);
  const files = generate('net', network, plan, { flashBytes: 0, classes: ['a'] });
  const path = process.env.PATH;
  process.env.PATH = '';
  try {
    const options = { name: 'net', files, network, ramBytes: plan.ramBytes, chipSamples: 4 };
    const { checks, passed } = await prove({ ...options, chip: findChip('stm32l011f4') });
    const where = 'simulated Cortex-M0+ of STM32L011F4, the machine code of the C alone';
    assert.deepEqual(checks[1], { where, random: { samples: 4, different: 0 } });
    assert.ok(passed);
    const other = await prove({ ...options, chip: findChip('stm32f303k8') });
    assert.match(other.checks[1].skipped!, /is not on the PATH/);
  } finally {
    process.env.PATH = path;
  }
});

test('a network of which one byte of a table is wrong is not proven', () => {
  const { quantized } = randomQuantized(createRandom(4), { largest: 8 });
  const machine = machineOf(quantized, choosePlan(quantized.input.shape, quantized.stages, small));
  assertToldApart(quantized, machine);
});
