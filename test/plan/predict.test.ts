import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from '../../server/network/network.ts';
import { lower } from '../../server/network/stage.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { predictCycles } from '../../server/plan/cycles.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import { planTarget } from '../../server/plan/target.ts';
import { WORK, workOf } from '../../server/plan/work.ts';
import { createRandom } from '../../server/random.ts';
import { findAvrCompiler } from '../../server/verify/avr.ts';
import { measureNetworks, nonZerosOf } from '../bench/measure.ts';
import { randomNetwork } from '../support/networks.ts';

const target = planTarget({ architecture: 'avr' });

test('on random networks that nothing was fitted to: RAM is predicted 0 to 16 B above what is measured, flash and cycles within 3 % and 5 %', {
  skip: findAvrCompiler() ? false : 'avr-gcc is not on the PATH',
}, () => {
  const measured = measureNetworks(90000, 40);
  assert.ok(measured.some(({ plan }) => plan.unit === 'pixel') && measured.some(({ plan }) => plan.unit === 'row'));
  for (const { seed, plan, network, stack, flash, cycles } of measured) {
    const over = plan.stackBytes - stack;
    assert.ok(over >= 0 && over <= 16, `seed ${seed}: ${plan.stackBytes} B of stack predicted, ${stack} B measured`);
    assert.ok(Math.abs(predictFlash(plan, target, network) / flash - 1) < 0.03, `seed ${seed}: flash`);
    assert.ok(Math.abs(predictCycles(plan, target, network)! / cycles - 1) < 0.05, `seed ${seed}: cycles`);
  }
});

test('before training, flash and cycles are priced with weights that stand in', {
  skip: findAvrCompiler() ? false : 'avr-gcc is not on the PATH',
}, () => {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const measured = measureNetworks(91000, 24);
  const untrained = measured.map((each) => {
    const nonZeros = nonZerosOf(each);
    return { ...each, nonZeros: (stage: { name: string }) => nonZeros[stage.name] ?? 0 };
  });
  assert.ok(mean(untrained.map(({ plan, nonZeros, flash }) => Math.abs(predictFlash(plan, target, nonZeros) / flash - 1))) < 0.05);
  assert.ok(mean(untrained.map(({ plan, nonZeros, cycles }) => Math.abs(predictCycles(plan, target, nonZeros)! / cycles - 1))) < 0.08);
});

test('taps of windows that hang over the border are counted one by one: brute force', () => {
  for (let seed = 0; seed < 60; seed++) {
    const network: Network = randomNetwork(createRandom(seed));
    const stages = lower(network).filter((stage) => stage.op === 'maxPool');
    let taps = 0;
    for (const { window, inputShapes } of stages) {
      const { rows, columns, kernelY, kernelX, strideY, strideX, padTop, padLeft } = window!;
      const [{ height, width, channels }] = inputShapes;
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++)
          for (let ky = 0; ky < kernelY; ky++)
            for (let kx = 0; kx < kernelX; kx++) {
              const [iy, ix] = [y * strideY - padTop + ky, x * strideX - padLeft + kx];
              if (iy >= 0 && iy < height && ix >= 0 && ix < width) taps += channels;
            }
    }
    assert.equal(workOf(network.input, stages, stages.length, () => 0)[WORK.indexOf('maxPool: taps')], taps, `seed ${seed}`);
  }
});

test('targets that were not measured have no cycles', () => {
  const network = randomNetwork(createRandom(1));
  const generic = planTarget({ architecture: 'generic' });
  assert.equal(predictCycles(choosePlan(network.input, lower(network), generic), generic), undefined);
});
