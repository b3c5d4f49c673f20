import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../server/codegen/generate.ts';
import { readSymbols } from '../../server/firmware/symbols.ts';
import { plainSmall } from '../../server/plan/arm.ts';
import { choosePlan, type Goal, planWith } from '../../server/plan/choose.ts';
import type { Plan, Unit } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { createRandom } from '../../server/random.ts';
import { ARM_FLAGS, type ArmChip, compileForArm } from '../../server/verify/arm.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { QEMU_FLASH, runOnQemu } from '../../server/verify/qemu.ts';
import { RP2040_FLASH, runOnRp2040 } from '../../server/verify/rp2040.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

/** What the compiler and a simulator made of a random network. */
export type Measured = {
  readonly seed: number;
  readonly plan: Plan;
  readonly network: QuantizedNetwork;
  /** Non-zero weights by stage. */
  readonly nz: { readonly [stage: string]: number };
  readonly ram: number;
  readonly stack: number;
  readonly flash: number;
  /** Of cores that only count instructions, those. */
  readonly cycles: number;
  /** Stack of each function, and bytes of each function and table, by name. */
  readonly su: { readonly [name: string]: number };
  readonly sizes: { readonly [name: string]: number };
};

/** Random networks on a simulated Arm core, as `measureNetworks` has them on an AVR: `plain` leaves machine code out. */
export async function measureOnCore(
  cpu: ArmChip['cpu'],
  from: number,
  count: number,
  { unit = 'row' as Unit, plain = false } = {},
): Promise<Measured[]> {
  const measured: Measured[] = [];
  const m0 = cpu === 'cortex-m0plus';
  const target = m0 && plain ? plainSmall : planTarget({ architecture: cpu });
  for (let seed = from; seed < from + count; seed++) {
    const random = createRandom(seed);
    const { quantized } = randomQuantized(random, { largest: 10 + (seed % 12) }, [0, 0.5, 0.8, 0][seed % 4]);
    const { stages } = quantized;
    const shape = quantized.input.shape;
    const cut = { unit, streamed: random.integer(stages.length + 1) };
    if (unit === 'pixel' && (cut.streamed === 0 || shape.width === 1)) continue;
    const plan = unit === 'row' && seed % 3 ? choosePlan(shape, stages, target, goalOf(seed, plain)) : planWith(cut, shape, stages, target);
    const subject = subjectOf('net', quantized);
    const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const chip: ArmChip = { name: cpu, cpu, ramBytes: 1 << 16, flashBytes: 1 << 20 };
    const program = await compileForArm(subject, files, chip, m0 ? RP2040_FLASH : QEMU_FLASH);
    const samples = randomBytes(random, subject.sampleBytes);
    const run = m0 ? runOnRp2040(subject, program.elf, samples) : await runOnQemu(subject, program, samples, cpu);
    const nz = Object.fromEntries(
      stages.flatMap(({ name, weights }) => (weights ? [[name, weights.weight.reduce((sum, value) => sum + Number(value !== 0), 0)]] : [])),
    );
    const sizes = Object.fromEntries(readSymbols(program.file).map(({ name, bytes }) => [functionOf(name), bytes]));
    const { ramBytes: ram, stackBytes: stack, flashBytes: flash } = run;
    const cycles = 'cycles' in run ? run.cycles : run.instructions;
    measured.push({ seed, plan, network: quantized, nz, ram, stack, flash, cycles, su: plan.machine ? {} : stackUse(cpu, files), sizes });
  }
  return measured;
}

const goalOf = (seed: number, plain: boolean): Goal => ({
  objective: plain ? 'cycles' : (['cycles', 'ram', 'flash'] as const)[(seed % 7) % 3],
});

/** The name in the C, without what marks a layer and what the compiler adds to functions that it has changed. */
const functionOf = (name: string): string => name.replace(/^L_/, '').replace(/\.(constprop|isra|part)\..*/, '');

/** Stack of each function, as the compiler tells it. */
function stackUse(cpu: string, files: readonly { readonly path: string; readonly content: string }[]): Measured['su'] {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-fit-'));
  try {
    for (const { path, content } of files) writeFileSync(join(folder, path), content);
    execFileSync('arm-none-eabi-gcc', [`-mcpu=${cpu}`, ...ARM_FLAGS, '-std=c99', '-fstack-usage', '-c', 'net.c'], { cwd: folder });
    const rows = readFileSync(join(folder, 'net.su'), 'utf8').trim().split('\n');
    return Object.fromEntries(
      rows.map((line) => line.split('\t')).map(([place, bytes]) => [functionOf(place.split(':').at(-1)!), Number(bytes)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
