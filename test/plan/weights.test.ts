import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Layer, WeightBits } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import { encodingsOf, MACHINE } from '../../server/plan/encoding.ts';
import { machineOf } from '../../server/plan/machine.ts';
import { planTarget } from '../../server/plan/target.ts';
import { nonZeros } from '../../server/quantize/nonzeros.ts';
import { createRandom } from '../../server/random.ts';
import { proveWithoutCompiler } from '../../server/verify/machine.ts';
import { randomlyQuantized } from '../support/networks.ts';

/** What is measured on the chip where a layer's weights lie in each of the ways there are; and which of them is chosen. */
function measured(op: 'conv2d' | 'dense', bits: WeightBits, sparsity: number) {
  const layer: Layer =
    op === 'dense'
      ? { name: 'it', op, inputs: ['input'], units: 8, bits }
      : { name: 'it', op, inputs: ['input'], filters: 8, kernel: [3, 3], stride: [1, 1], padding: 'valid', bits };
  const layers: Layer[] = [
    layer,
    { name: 'relu', op: 'relu', inputs: ['it'] },
    { name: 'logits', op: 'dense', inputs: ['relu'], units: 2 },
  ];
  const input = op === 'dense' ? { height: 1, width: 30, channels: 8 } : { height: 6, width: 6, channels: 10 };
  const { quantized } = randomlyQuantized({ input, layers }, createRandom(5), sparsity);
  const plan = planWith({ unit: 'row', streamed: 0 }, input, quantized.stages, planTarget({ architecture: 'avr' }));
  const machine = machineOf(quantized, plan);
  const [{ stage }] = machine.tasks;
  const ways = encodingsOf(stage, nonZeros(stage.weights!.weight), MACHINE).map(({ encoding, bits: each }) => {
    const tasks = machine.tasks.map((task) => (task.stage === stage ? { ...task, weights: encoding, bits: each } : task));
    const { run, random } = proveWithoutCompiler(quantized, { ...machine, tasks }, { count: 2 });
    assert.equal(random.different, 0);
    return { way: `${encoding} ${each}`, bytes: run.codeBytes, cycles: run.cycles };
  });
  const chosen = (leastFlash: boolean) => {
    const [{ weights, bits: each }] = machineOf(quantized, { ...plan, ...(leastFlash && { leastFlash: true as const }) }).tasks;
    return ways.find(({ way }) => way === `${weights} ${each}`)!;
  };
  return { ways, fast: chosen(false), small: chosen(true) };
}

test('every way to hold weights is the best somewhere, on the simulated chip; what is chosen is near the best', () => {
  const fastest = new Set<string>();
  const smallest = new Set<string>();
  const chosen = new Set<string>();
  for (const op of ['conv2d', 'dense'] as const)
    for (const bits of [8, 4, 2, 'ternary'] as const)
      for (const sparsity of [0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97]) {
        const { ways, fast, small } = measured(op, bits, sparsity);
        const what = `${op} of ${bits} bits, ${sparsity} zeros: ${JSON.stringify(ways)}`;
        const [bytes, cycles] = [ways.toSorted((a, b) => a.bytes - b.bytes)[0], ways.toSorted((a, b) => a.cycles - b.cycles)[0]];
        smallest.add(bytes.way);
        fastest.add(cycles.way);
        chosen.add(fast.way).add(small.way);
        assert.ok(small.bytes <= 1.07 * bytes.bytes, `${small.way} for few bytes, ${what}`);
        assert.ok(fast.cycles <= 1.6 * cycles.cycles, `${fast.way} for speed, ${what}`);
      }
  for (const way of ['table 8', 'table 4', 'table 2', 'runs 8', 'runs 4', 'runs 2', 'bitmap 8']) {
    assert.ok(smallest.has(way) || fastest.has(way), `${way} is never the best: ${[...smallest]}; ${[...fastest]}`);
    assert.ok(chosen.has(way), `${way} is never chosen`);
  }
});
