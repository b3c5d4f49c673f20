import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { machineOf } from '../../server/plan/machine.ts';
import type { Plan } from '../../server/plan/plan.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { findHostCompiler, SANITIZERS } from '../../server/verify/host.ts';
import { proveWithoutCompiler } from '../../server/verify/machine.ts';
import { randomlyQuantized } from '../support/networks.ts';
import { assertSameAnswers, planOf } from './answers.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';

/** Pools that fold what they take, in front of tensors that are larger than what is streamed. */
function pooled(random: Random): Network {
  const side = () => 6 + random.integer(6);
  const input = { height: side(), width: side(), channels: 1 + random.integer(2) };
  const layers: Layer[] = [];
  let from = INPUT;
  const add = (make: (at: { readonly name: string; readonly inputs: readonly string[] }) => Layer) => {
    layers.push(make({ name: `l${layers.length}`, inputs: [from] }));
    from = `l${layers.length - 1}`;
  };
  const pool = (op: 'averagePool' | 'maxPool') => add((at) => ({ ...at, op, kernel: [2, 2], stride: [2, 2], padding: 'same' }));
  const anyPool = () => pool(random.integer(3) ? 'averagePool' : 'maxPool');
  const conv = (filters: number) => add((at) => ({ ...at, op: 'conv2d', filters, kernel: [3, 2], stride: [1, 1], padding: 'same' }));
  if (random.integer(2)) conv(1 + random.integer(3));
  anyPool();
  conv(2 + random.integer(8));
  if (random.integer(2)) anyPool();
  conv(2 + random.integer(8));
  if (random.integer(3) === 0) {
    add((at) => ({ ...at, op: 'globalAveragePool' }));
    if (random.integer(2)) add((at) => ({ ...at, op: 'relu' }));
  }
  add((at) => ({ ...at, op: 'dense', units: 3 + random.integer(10) }));
  return { input, layers };
}

/** No two things that are needed in one phase share a byte, but what is written over what it is made from. */
function assertApart({ buffers, sums, stages, streamed }: Plan, what: string): void {
  const phases = stages.length - streamed + 1;
  const madeFrom = (tensor: string) => stages.find(({ stage }) => stage.name === tensor)?.stage.inputs ?? [];
  for (let phase = 0; phase < phases; phase++) {
    const alive = [
      ...buffers.filter(({ offset, from, until }) => offset >= 0 && from <= phase && phase <= until),
      ...sums.flatMap((each) => (each.phase === phase ? [{ tensor: each.stage, offset: each.offset!, bytes: each.bytes }] : [])),
    ];
    for (const a of alive)
      for (const b of alive) {
        if (a === b || a.tensor === b.tensor || madeFrom(a.tensor).includes(b.tensor) || madeFrom(b.tensor).includes(a.tensor)) continue;
        assert.ok(
          a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset,
          `${a.tensor} and ${b.tensor} in phase ${phase}, ${what}`,
        );
      }
  }
}

/** Whether later tensors lie where sums were. */
const isShared = ({ buffers, sums }: Plan): boolean =>
  sums.some(
    ({ phase, offset = 0, bytes }) =>
      phase === 0 && buffers.some((each) => each.from > 0 && each.offset < offset + bytes && offset < each.offset + each.bytes),
  );

test('running results of pools lie in the arena, where tensors over whole stages follow them: the same answers, in C and in machine code', {
  skip,
}, async () => {
  const random = createRandom(21);
  let shared = 0;
  for (let seed = 0; seed < 40; seed++) {
    let network = pooled(random);
    while (checkNetwork(network).faults.length > 0) network = pooled(random);
    const { quantized } = randomlyQuantized(network, random);
    const all = quantized.stages.length;
    const unit = seed % 2 ? 'row' : 'pixel';
    for (let streamed = 1; streamed < all; streamed++) {
      const what = `seed ${seed}, ${streamed} by ${unit}: ${JSON.stringify(network)}`;
      const plans = [planOf(quantized, streamed, unit), planOf(quantized, streamed, unit, 'avr')];
      for (const plan of plans) assertApart(plan, what);
      if (!plans.some(isShared)) continue;
      shared++;
      const { random: answers, difference } = proveWithoutCompiler(quantized, machineOf(quantized, plans[1]), { count: 2 });
      assert.equal(answers.different, 0, `${difference}, ${what}`);
      if (shared % 6 === 0) await assertSameAnswers(quantized, plans[seed % 3 ? 0 : 1], random, SANITIZERS, what);
    }
  }
  assert.ok(shared > 40, `${shared} plans shared`);
});
