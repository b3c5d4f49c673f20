import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainSmall } from '../../server/plan/arm.ts';
import { predictCycles } from '../../server/plan/cycles.ts';
import { predictFlash } from '../../server/plan/flash.ts';
import { planTarget } from '../../server/plan/target.ts';
import { findArmCompiler } from '../../server/verify/arm.ts';
import { findQemu } from '../../server/verify/qemu.ts';
import { measureOnCore } from '../bench/armnetworks.ts';

const skip = findArmCompiler() ? false : 'arm-none-eabi-gcc is not on the PATH';
const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

test('Cortex-M0+: on random networks that nothing was fitted to, RAM is predicted 0 to 16 B above what is measured, flash and cycles within 3 % and 5 %', {
  skip,
}, async () => {
  const target = planTarget({ architecture: 'cortex-m0plus' });
  const measured = [
    ...(await measureOnCore('cortex-m0plus', 92000, 16)),
    ...(await measureOnCore('cortex-m0plus', 92100, 8, { unit: 'pixel' })),
  ];
  for (const { seed, plan, network, ram, flash, cycles } of measured) {
    const over = plan.ramBytes - ram;
    assert.ok(over >= 0 && over <= 16, `seed ${seed}: ${plan.ramBytes} B of RAM predicted, ${ram} B measured`);
    assert.ok(Math.abs(predictFlash(plan, target, network) / flash - 1) < 0.03, `seed ${seed}: flash`);
    assert.ok(Math.abs(predictCycles(plan, target, network)! / cycles - 1) < 0.05, `seed ${seed}: cycles`);
  }
});

for (const { cpu, without } of [
  { cpu: 'cortex-m0plus', without: skip },
  { cpu: 'cortex-m4', without: skip || (findQemu() ? false : 'qemu-system-arm is not on the PATH') },
] as const)
  test(`${cpu}, plain C: on random networks that nothing was fitted to, stack is never predicted below what is measured, the rest comes close`, {
    skip: without,
  }, async () => {
    const target = cpu === 'cortex-m0plus' ? plainSmall : planTarget({ architecture: cpu });
    const measured = await measureOnCore(cpu, 90000, 12, { plain: true });
    const over = measured.map(({ plan, stack }) => plan.stackBytes - stack);
    assert.ok(Math.min(...over) >= 0, `predicted - measured: ${over}`);
    assert.ok(mean(over) < 60, `predicted - measured: ${over}`);
    const off = (predicted: number, actual: number) => Math.abs(predicted / actual - 1);
    const flash = measured.map(({ plan, nz, flash }) =>
      off(
        predictFlash(plan, target, ({ name }) => nz[name] ?? 0),
        flash,
      ),
    );
    assert.ok(mean(flash) < 0.08, `flash off by ${flash}`);
    if (!target.cycles) return;
    const cycles = measured.map(({ plan, nz, cycles }) => off(predictCycles(plan, target, ({ name }) => nz[name] ?? 0)!, cycles));
    assert.ok(mean(cycles) < 0.18, `cycles off by ${cycles}`);
  });
