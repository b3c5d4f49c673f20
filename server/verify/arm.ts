import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GeneratedFile } from '../codegen/generate.ts';
import { type Elf, readElf } from './elf.ts';
import { ARM_MAILBOX, armHarness, type Subject } from './harness.ts';
import { type Answers, STRICT_FLAGS } from './host.ts';
import { findProgram, runProgram } from './tool.ts';

/** The flags for which stack and flash are predicted and measured, besides those of the core; functions that nobody calls are left out. */
export const ARM_FLAGS = ['-Os', '-mthumb', '-ffunction-sections', '-fdata-sections'];

/** A core that a simulator stands for, and the memory of the chip around it. */
export type ArmChip = {
  readonly name: string;
  /** As gcc's -mcpu names it. */
  readonly cpu: 'cortex-m0' | 'cortex-m0plus' | 'cortex-m3' | 'cortex-m4' | 'cortex-m7';
  readonly ramBytes: number;
  readonly flashBytes: number;
};

export type ArmRun = Answers & {
  readonly staticBytes: number;
  /** The deepest stack, found by painting the RAM; that of main and the start-up code included. */
  readonly stackBytes: number;
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** Counts of the simulator's timer for the slowest inference, the delivery of its input included. */
  readonly counts: number;
};

export const findArmCompiler = (): string | undefined => findProgram('arm-none-eabi-gcc');

/** Compiles generated files for a core; the harness is the whole firmware. Fails with the compiler's or the linker's message. */
export async function compileForArm(
  subject: Subject,
  files: readonly GeneratedFile[],
  chip: ArmChip,
  flashStart: number,
  { compiler = findArmCompiler(), flags = [] as readonly string[] } = {},
): Promise<{ elf: Elf; file: Uint8Array }> {
  if (!compiler) throw new Error('arm-none-eabi-gcc is not on the PATH');
  if (subject.sampleBytes > ARM_MAILBOX.bytes - ARM_MAILBOX.sampleAt)
    throw new Error(`an input of ${subject.sampleBytes} B is more than the simulated chip takes`);
  const folder = await mkdtemp(join(tmpdir(), 'sparse-arm-'));
  try {
    for (const file of files) await writeFile(join(folder, file.path), file.content);
    await writeFile(join(folder, 'main.c'), armHarness(subject));
    await writeFile(join(folder, 'chip.ld'), linkerScript(chip, flashStart));
    const core = [`-mcpu=${chip.cpu}`, ...ARM_FLAGS, ...flags];
    await runProgram(compiler, [...core, ...STRICT_FLAGS, '-c', `${subject.name}.c`], { cwd: folder });
    await runProgram(compiler, [...core, '-std=gnu99', '-c', 'main.c'], { cwd: folder });
    const link = ['-nostartfiles', '-Wl,--gc-sections', '-T', 'chip.ld', '-o', 'main.elf', 'main.o', `${subject.name}.o`];
    await runProgram(compiler, [...core, ...link], { cwd: folder });
    const file = await readFile(join(folder, 'main.elf'));
    return { elf: readElf(file), file };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** RAM ends where the mailbox begins, however much the chip has. */
const linkerScript = ({ ramBytes, flashBytes }: ArmChip, flashStart: number): string => `MEMORY
{
    FLASH (rx) : ORIGIN = ${flashStart}, LENGTH = ${flashBytes}
    RAM (rwx) : ORIGIN = ${RAM_START}, LENGTH = ${Math.min(ramBytes, ARM_MAILBOX.address - RAM_START)}
}
SECTIONS
{
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
    .ARM.exidx : { *(.ARM.exidx*) } > FLASH
    .data : { data_begin = .; *(.data*) . = ALIGN(4); data_end = .; } > RAM AT > FLASH
    data_image = LOADADDR(.data);
    .bss (NOLOAD) : { *(.bss* COMMON) } > RAM
    bss_end = ALIGN(4);
    stack_end = ORIGIN(RAM) + LENGTH(RAM);
}
`;

const RAM_START = 0x20000000;

/** What the harness wrote, and what the program takes by the linker. */
export function readArmRun(subject: Subject, { sections, segments }: Elf, count: number, output: Uint8Array): ArmRun {
  const logitsBytes = subject.logits * subject.logitBytes;
  const record = 8 + logitsBytes;
  if (output.length !== count * record + 4)
    throw new Error(`expected ${count * record + 4} bytes of answers, got ${output.length}: the program ended early`);
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  const classes = Uint8Array.from({ length: count }, (_, i) => view.getUint32(i * record, true));
  const counts = Math.max(...Array.from({ length: count }, (_, i) => view.getUint32(i * record + 4, true)));
  const logits = Int32Array.from({ length: count * subject.logits }, (_, at) => {
    const place = Math.floor(at / subject.logits) * record + 8 + (at % subject.logits) * subject.logitBytes;
    return subject.logitBytes === 4 ? view.getInt32(place, true) : view.getInt8(place);
  });
  const staticBytes = sections.filter(({ address }) => address >= RAM_START).reduce((sum, { bytes }) => sum + bytes, 0);
  const stackBytes = view.getUint32(count * record, true);
  const flashBytes = segments.filter(({ address }) => address < RAM_START).reduce((sum, { content }) => sum + content.length, 0);
  return { classes, logits, counts, staticBytes, stackBytes, ramBytes: staticBytes + stackBytes, flashBytes };
}
