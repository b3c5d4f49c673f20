import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArmChip, type ArmRun, readArmRun } from './arm.ts';
import type { Elf } from './elf.ts';
import type { Subject } from './harness.ts';
import { findProgram, runProgram } from './tool.ts';

/** Boards of one family: flash at zero, RAM at 0x20000000, a 32-bit timer of 25 MHz at 0x40000000. */
export const BOARDS: { readonly [cpu in ArmChip['cpu']]?: string } = {
  'cortex-m3': 'mps2-an385',
  'cortex-m4': 'mps2-an386',
  'cortex-m7': 'mps2-an500',
};

export const QEMU_FLASH = 0;

export const findQemu = (): string | undefined => findProgram('qemu-system-arm');

/**
 * Runs a compiled program on QEMU, which knows no cycles but counts instructions: with `-icount shift=6` each takes 64 ns of the virtual
 * clock, and the timer counts every 40 ns.
 */
export async function runOnQemu(
  subject: Subject,
  { elf, file }: { readonly elf: Elf; readonly file: Uint8Array },
  samples: Uint8Array,
  cpu: ArmChip['cpu'],
  qemu = findQemu(),
): Promise<ArmRun & { readonly instructions: number }> {
  const board = BOARDS[cpu];
  if (!qemu || !board) throw new Error(qemu ? `QEMU has no board with a ${cpu}` : 'qemu-system-arm is not on the PATH');
  const folder = await mkdtemp(join(tmpdir(), 'sparse-qemu-'));
  try {
    await writeFile(join(folder, 'main.elf'), file);
    await writeFile(join(folder, 'samples'), samples);
    await writeFile(join(folder, 'answers'), '');
    const machine = ['-M', board, '-nographic', '-monitor', 'none', '-serial', 'none', '-nodefaults'];
    const counting = ['-semihosting-config', 'enable=on,target=native', '-icount', `shift=${SHIFT}`];
    await runProgram(qemu, [...machine, ...counting, '-kernel', 'main.elf'], { cwd: folder, timeoutMs: 600_000 });
    const run = readArmRun(subject, elf, samples.length / subject.sampleBytes, await readFile(join(folder, 'answers')));
    return { ...run, instructions: Math.round((run.counts * TIMER_NS) / 2 ** SHIFT) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SHIFT = 6;
const TIMER_NS = 40;
