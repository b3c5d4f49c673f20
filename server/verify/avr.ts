import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { avrInstruction, CPU } from 'avr8js';
import type { GeneratedFile } from '../codegen/generate.ts';
import type { AvrChip } from './chips.ts';
import { type Elf, readElf } from './elf.ts';
import { avrHarness, type Subject } from './harness.ts';
import { type Answers, STRICT_FLAGS } from './host.ts';
import { findProgram, runProgram } from './tool.ts';

/** The compiler and flags for which stack and flash are predicted and measured. */
export const AVR_FLAGS = ['-Os'];

export type AvrRun = Answers & {
  /** .data and .bss, bytes. */
  readonly staticBytes: number;
  /** The deepest stack, found by painting the RAM, main and its return address included. */
  readonly stackBytes: number;
  readonly ramBytes: number;
  /** .text and .data's image. */
  readonly flashBytes: number;
  /** Of the slowest inference, the delivery of its input included. */
  readonly cycles: number;
};

/** A program may run this long for one sample before it is taken to hang. */
const MOST_CYCLES = 400_000_000;
const PAINT = 0xc5;

export const findAvrCompiler = (): string | undefined => findProgram('avr-gcc');

/** Compiles generated files for an AVR; the harness is the whole firmware. Fails with the compiler's message. */
export async function compileForAvr(
  subject: Subject,
  files: readonly GeneratedFile[],
  chip: AvrChip,
  compiler = findAvrCompiler(),
): Promise<Elf> {
  if (!compiler) throw new Error('avr-gcc is not on the PATH');
  const folder = await mkdtemp(join(tmpdir(), 'sparse-avr-'));
  try {
    for (const file of files) await writeFile(join(folder, file.path), file.content);
    await writeFile(join(folder, 'main.c'), avrHarness(subject));
    const flags = [`-mmcu=${chip.mcu}`, ...AVR_FLAGS, ...STRICT_FLAGS];
    await runProgram(compiler, [...flags, '-o', 'main.elf', 'main.c', `${subject.name}.c`], { cwd: folder });
    return readElf(await readFile(join(folder, 'main.elf')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a compiled program on the simulated chip over `samples` ([count, sampleBytes]). */
export function runOnAvr(subject: Subject, elf: Elf, samples: Uint8Array, chip: AvrChip): AvrRun {
  const inRam = elf.sections.filter((section) => section.address >= 0x800000);
  const staticBytes = inRam.reduce((sum, section) => sum + section.bytes, 0);
  const flash = new Uint8Array(chip.flashBytes);
  let flashBytes = 0;
  for (const { address, content } of elf.segments) {
    if (address + content.length > flash.length) throw new Error(`the program does not fit ${chip.flashBytes} B of flash`);
    flash.set(content, address);
    flashBytes += content.length;
  }
  if (staticBytes > chip.ramBytes) throw new Error(`its ${staticBytes} B of static data do not fit ${chip.ramBytes} B of RAM`);
  const cpu = new CPU(new Uint16Array(flash.buffer), chip.ramBytes);
  cpu.data.fill(PAINT, chip.ramStart);
  const output = collect(cpu, subject, samples, chip);
  const stackBytes = deepestStack(cpu, chip, staticBytes);
  return { ...output, staticBytes, stackBytes, ramBytes: staticBytes + stackBytes, flashBytes };
}

function collect(
  cpu: CPU,
  subject: Subject,
  samples: Uint8Array,
  { gpior: [event, output, input], flashBytes }: AvrChip,
): Answers & { cycles: number } {
  const count = samples.length / subject.sampleBytes;
  const record = 1 + subject.logits * subject.logitBytes;
  const bytes = new Uint8Array(count * record);
  let read = 0;
  let written = 0;
  let begun = 0;
  let cycles = 0;
  cpu.readHooks[input] = () => samples[read++] ?? 0;
  cpu.writeHooks[output] = (value) => {
    bytes[written++] = value;
    return true;
  };
  cpu.writeHooks[event] = (value) => {
    if (value === 1) begun = cpu.cycles;
    else cycles = Math.max(cycles, cpu.cycles - begun);
    return true;
  };
  // On chips of up to 8 KB the linker lets relative jumps wrap around the end of the flash.
  const lastWord = flashBytes <= 8192 ? flashBytes / 2 - 1 : -1;
  while (written < bytes.length) {
    avrInstruction(cpu);
    cpu.pc &= lastWord;
    if (cpu.cycles - begun > MOST_CYCLES) throw new Error(`no answer within ${MOST_CYCLES} cycles`);
  }
  const view = new DataView(bytes.buffer);
  const classes = new Uint8Array(count);
  const logits = new Int32Array(count * subject.logits);
  for (let i = 0; i < count; i++) {
    classes[i] = bytes[i * record];
    for (let k = 0; k < subject.logits; k++) {
      const at = i * record + 1 + k * subject.logitBytes;
      logits[i * subject.logits + k] = subject.logitBytes === 4 ? view.getInt32(at, true) : view.getInt8(at);
    }
  }
  return { classes, logits, cycles };
}

function deepestStack(cpu: CPU, chip: AvrChip, staticBytes: number): number {
  const end = chip.ramStart + chip.ramBytes;
  for (let address = chip.ramStart + staticBytes; address < end; address++) {
    if (cpu.data[address] !== PAINT) return end - address;
  }
  return 0;
}
