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
import { measureNetworks } from '../bench/measure.ts';
import { randomNetwork } from '../support/networks.ts';

const target = planTarget({ architecture: 'avr' });

test('on random networks that nothing was fitted to, stack is never predicted below what is measured, flash and cycles come close', {
  skip: findAvrCompiler() ? false : 'avr-gcc is not on the PATH',
}, async () => {
  const measured = await measureNetworks(90000, 24);
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const nonZeros =
    ({ nz }: (typeof measured)[number]) =>
    (stage: { name: string }) =>
      nz[stage.name] ?? 0;
  const over = measured.map(({ plan, stack }) => plan.stackBytes - stack);
  assert.ok(Math.min(...over) >= 0, `predicted - measured: ${over}`);
  assert.ok(mean(over) < 20, `predicted - measured: ${over}`);
  assert.ok(mean(measured.map((each) => Math.abs(predictFlash(each.plan, target, nonZeros(each)) / each.flash - 1))) < 0.07);
  assert.ok(mean(measured.map((each) => Math.abs(predictCycles(each.plan, target, nonZeros(each))! / each.cycles - 1))) < 0.15);
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
