import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '../../server/avr/count.ts';
import { writersOf } from '../../server/avr/functions.ts';
import { writePush } from '../../server/avr/push.ts';
import type { Machine, Task } from '../../server/machine/machine.ts';
import { planWith } from '../../server/plan/choose.ts';
import { encodingsOf } from '../../server/plan/encoding.ts';
import { machineOf } from '../../server/plan/machine.ts';
import { planTarget } from '../../server/plan/target.ts';
import { nonZeros } from '../../server/quantize/nonzeros.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { randomQuantized } from '../support/networks.ts';
import { assertAnswers } from '../support/proven.ts';

const target = planTarget({ architecture: 'avr' });

/** The machine with each stage's weights in one of the ways in which they can lie. */
const anyhow = (machine: Machine, random: Random): Machine => ({
  ...machine,
  tasks: machine.tasks.map((task): Task => {
    if (!task.stage.weights || task.weights === 'code') return task;
    const ways = encodingsOf(task.stage, nonZeros(task.stage.weights.weight));
    const { encoding, bits } = ways[random.integer(ways.length)];
    return { ...task, weights: encoding, bits };
  }),
});

test('weights lie in tables, runs and bitmaps, of 8, 4 and 2 bits: the same answers, and the bytes, stack and cycles counted', () => {
  const seen = new Map<string, number>();
  let cycles = 0;
  for (let seed = 0; seed < 600; seed++) {
    const random = createRandom(31000 + seed);
    const options = { largest: 9, narrow: seed % 3 > 0, dilation: seed % 5 === 0 };
    const { quantized } = randomQuantized(random, options, [0, 0.3, 0.6, 0.9, 1][seed % 5]);
    const { shape } = quantized.input;
    const all = quantized.stages.length;
    const unit = seed % 2 && shape.width > 1 ? 'pixel' : 'row';
    const streamed = seed % 4 ? all : unit === 'row' ? random.integer(all) : 1 + random.integer(all);
    const base = planWith({ unit, streamed }, shape, quantized.stages, target);
    if (!base.machine || base.stateBytes > 1800) continue;
    const plan = { ...base, machine: { mostInCode: 0, sumRegisters: seed % 4 < 2 ? 12 : 6 } };
    const machine = anyhow(machineOf(quantized, plan), random);
    const weighted = machine.tasks.filter(({ stage }) => stage.weights);
    const what = `seed ${seed}, ${streamed} of ${all} by ${unit}: ${weighted.map(({ weights, bits }) => `${weights} ${bits}`)}`;
    const run = assertAnswers(quantized, machine, what, 3);
    let stackBytes = 0;
    const costs = [
      counted((p) => {
        stackBytes = writePush(p, machine);
      }),
      ...writersOf(machine).map(([, write]) => counted((p) => write(p, machine))),
    ];
    assert.equal(run.stackBytes, stackBytes, what);
    assert.ok(stackBytes <= base.stackBytes, what);
    assert.equal(
      run.codeBytes,
      costs.reduce((sum, each) => sum + each.bytes, 0),
      what,
    );
    const ratio = costs.reduce((sum, each) => sum + each.cycles, 0) / run.cycles;
    assert.ok(ratio > 0.9 && ratio < 1.1, `${what}: ${ratio} of the cycles`);
    cycles += Math.abs(ratio - 1);
    for (const { stage, unit: form, folds, weights, bits } of weighted) {
      const kind = `${stage.op} ${folds ? 'fold' : form} ${weights} ${bits}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
  for (const form of ['conv2d row', 'conv2d pixel', 'dense fold'])
    for (const way of ['table 8', 'table 4', 'table 2', 'runs 8', 'runs 4', 'runs 2', 'bitmap 8'])
      assert.ok((seen.get(`${form} ${way}`) ?? 0) > 0, `${form} ${way} was not tried: ${JSON.stringify([...seen])}`);
  for (const form of ['depthwise row', 'depthwise pixel'])
    for (const bits of [8, 4, 2]) assert.ok((seen.get(`${form} table ${bits}`) ?? 0) > 0, `${form} of ${bits} bits was not tried`);
  assert.ok(cycles / 600 < 0.01, `${cycles / 600}`);
});
