import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import { passedOn } from '../../server/plan/passing.ts';
import type { PlanTarget } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { randomlyQuantized } from '../support/networks.ts';
import { assertProven } from '../support/proven.ts';

const target = planTarget({ architecture: 'avr' });

/** A stage that goes through windows, and one that takes its pixels: a pool of any kind, or a dense layer. */
function fused(random: Random): Network {
  const input = { height: 5 + random.integer(8), width: 5 + random.integer(8), channels: 1 + random.integer(3) };
  const pair = (most: number) => [1 + random.integer(most), 1 + random.integer(most)] as const;
  const padding = () => (random.integer(2) ? 'same' : 'valid');
  const windowed = { name: 'made', inputs: [INPUT], kernel: pair(3), stride: pair(2), padding: padding() } as const;
  const dilation = random.integer(3) ? undefined : pair(2);
  const made = [
    { ...windowed, op: 'conv2d', filters: 1 + random.integer(9), ...(dilation && { dilation }) },
    { ...windowed, op: 'depthwise', ...(dilation && { dilation }) },
    { ...windowed, op: 'maxPool', kernel: [3, 2], stride: [2, 1] },
  ][random.integer(3)] as Layer;
  const kernel = pair(3);
  const stride = [kernel[0] + random.integer(2), kernel[1] + random.integer(2)] as const;
  const pool = { name: 'pool', inputs: ['relu'], kernel, stride, padding: padding() } as const;
  const taker = [
    { ...pool, op: 'maxPool' },
    { ...pool, op: 'averagePool' },
  ][random.integer(2)] as Layer;
  const after = random.integer(2)
    ? ([{ name: 'after', op: 'depthwise', inputs: ['pool'], kernel: [2, 2], stride: [1, 1], padding: 'same' }] as const)
    : [];
  const taken = random.integer(4) ? [taker, ...after] : [];
  const last = taken.at(-1)?.name ?? 'relu';
  return {
    input,
    layers: [made, { name: 'relu', op: 'relu', inputs: ['made'] }, ...taken, { name: 'logits', op: 'dense', inputs: [last], units: 4 }],
  };
}

test('what is made window by window is taken pixel by pixel by dense layers and pools: the bits of the interpreter, and a row less of RAM', () => {
  const alone: PlanTarget = { ...target, poolsTakePixels: undefined };
  let pools = 0;
  let saved = 0;
  for (let seed = 0; seed < 250; seed++) {
    const random = createRandom(seed);
    let network = fused(random);
    while (checkNetwork(network).faults.length > 0) network = fused(random);
    const { quantized } = randomlyQuantized(network, random, seed % 3 ? 0 : 0.7);
    const { stages, input } = quantized;
    const cut = { unit: 'row', streamed: stages.length - random.integer(2) } as const;
    const plan = planWith(cut, input.shape, stages, target);
    const passed = passedOn(stages, 'row', target);
    const [mostInCode, sumRegisters] = (
      [
        [0, 4],
        [80, 12],
        [2000, 6],
      ] as const
    )[seed % 3];
    const what = `seed ${seed}: ${JSON.stringify(network)}`;
    const { ratio } = assertProven(quantized, { ...plan, machine: { mostInCode, sumRegisters } }, what, 3);
    assert.ok(ratio > 0.93 && ratio < 1.07, `${ratio} of the cycles, ${what}`);
    for (const [tensor, by] of passed) {
      const buffer = plan.buffers.find((each) => each.tensor === tensor)!;
      const taker = stages.findIndex(({ name }) => name === by);
      if (taker >= cut.streamed) continue;
      assert.deepEqual([buffer.bytes, buffer.isPassed], [stages.find(({ name }) => name === tensor)!.shape.channels, true]);
      if (stages[taker].op === 'dense') continue;
      pools++;
      const before = planWith(cut, input.shape, stages, alone);
      assert.ok(plan.ramBytes <= before.ramBytes);
      saved += before.ramBytes - plan.ramBytes;
    }
  }
  assert.ok(pools > 80 && saved > 1000, `${pools} pools took pixels, ${saved} B saved`);
});
