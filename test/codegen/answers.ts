import assert from 'node:assert/strict';
import { generate } from '../../server/codegen/generate.ts';
import type { Device } from '../../server/device/device.ts';
import { elements } from '../../server/network/shape.ts';
import { planWith } from '../../server/plan/choose.ts';
import type { Plan, Unit } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import { argmax, createInterpreter } from '../../server/quantize/interpreter.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import type { Random } from '../../server/random.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { runOnHost } from '../../server/verify/host.ts';
import { randomBytes } from '../support/networks.ts';

const COUNT = 20;

/** The generated code and the interpreter answer the same to samples of every kind: uniform, flat, black with a bright spot. */
export async function assertSameAnswers(network: QuantizedNetwork, plan: Plan, random: Random, flags: readonly string[], what: string) {
  const size = elements(network.input.shape);
  const samples = randomBytes(random, size * COUNT);
  samples
    .fill(0, 0, size)
    .fill(255, size, 2 * size)
    .fill(0, 2 * size, 3 * size);
  samples[2 * size + random.integer(size)] = 255;
  const subject = subjectOf('net', network);
  const answers = await runOnHost(subject, generate('net', network, plan, { flashBytes: 0, classes: ['a'] }), samples, { flags });
  const interpreter = createInterpreter(network);
  for (let i = 0; i < COUNT; i++) {
    const expected = interpreter.run(samples.subarray(i * size, (i + 1) * size));
    const logits = answers.logits.subarray(i * subject.logits, (i + 1) * subject.logits);
    assert.deepEqual([...logits], [...expected], `${what}, sample ${i}`);
    assert.equal(answers.classes[i], argmax(expected), `${what}, sample ${i}`);
  }
}

export const planOf = (
  network: QuantizedNetwork,
  streamed: number,
  unit: Unit = 'row',
  architecture: Device['architecture'] = 'generic',
): Plan => planWith({ unit, streamed }, network.input.shape, network.stages, planTarget({ architecture }));
