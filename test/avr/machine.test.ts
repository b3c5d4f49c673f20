import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { machineWithin } from '../../server/codegen/machine.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import { machineOf } from '../../server/plan/machine.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomQuantized } from '../support/networks.ts';
import { assertAnswers, assertProven, assertToldApart } from '../support/proven.ts';

const target = planTarget({ architecture: 'avr' });

test("machine code gives the interpreter's bits on random networks: rows and pixels, any cut, any way to hold weights; no compiler is needed", () => {
  let proven = 0;
  for (let seed = 0; seed < 160; seed++) {
    const random = createRandom(seed);
    const { quantized } = randomQuantized(random, { largest: 11 }, [0, 0.5, 0.8, 0.95][seed % 4]);
    const { shape } = quantized.input;
    const all = quantized.stages.length;
    for (const unit of ['row', 'pixel'] as const) {
      const streamed = seed % 3 ? all : 1 + random.integer(all);
      if (unit === 'pixel' && shape.width === 1) continue;
      const plan = planWith({ unit, streamed }, shape, quantized.stages, target);
      if (!plan.machine || plan.stateBytes > 1800) continue;
      for (const [mostInCode, sumRegisters] of seed % 2
        ? [[80, 6]]
        : [
            [0, 4],
            [2000, 12],
          ]) {
        const { ratio } = assertProven(
          quantized,
          { ...plan, machine: { mostInCode, sumRegisters } },
          `seed ${seed}, ${streamed} of ${all} by ${unit}`,
          3,
        );
        assert.ok(ratio > 0.9 && ratio < 1.1, `seed ${seed}: ${ratio} of the cycles`);
        proven++;
      }
    }
  }
  assert.ok(proven > 300, `only ${proven} were proven`);
});

test('the machine code in a C file is found again, and nothing that was changed', () => {
  for (let seed = 0; seed < 12; seed++) {
    const { quantized } = randomQuantized(createRandom(700 + seed), { largest: 9 });
    const objective = (['cycles', 'ram', 'flash'] as const)[seed % 3];
    const plan = choosePlan(quantized.input.shape, quantized.stages, target, { objective });
    const [, source] = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const machine = machineWithin(source.content, 'net', quantized);
    assert.ok(machine);
    assertAnswers(quantized, machine, `seed ${seed}`);
    const changed = source.content.replace(/"(ldi r\d+), (\d+)\\n"/, (_, what, value) => `"${what}, ${(Number(value) + 1) % 256}\\n"`);
    assert.notEqual(changed, source.content);
    assert.equal(machineWithin(changed, 'net', quantized), undefined);
    assert.equal(machineWithin(source.content.replace(/through \d+ stages/, 'through 9999 stages'), 'net', quantized), undefined);
  }
});

test('a network of which one byte of a table is wrong is not proven', () => {
  const { quantized } = randomQuantized(createRandom(4), { largest: 8 });
  const plan = choosePlan(quantized.input.shape, quantized.stages, target);
  const machine = machineOf(quantized, plan);
  assertToldApart(quantized, machine);
});
