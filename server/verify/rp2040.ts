import { type Peripheral, RP2040 } from 'rp2040js';
import { type ArmRun, readArmRun } from './arm.ts';
import type { Elf } from './elf.ts';
import type { Subject } from './harness.ts';

/** Where the simulator's flash lies. */
export const RP2040_FLASH = 0x10000000;

/** A program may run this long for one sample before it is taken to hang. */
const MOST_CYCLES = 400_000_000;

/** Runs a compiled program on the Cortex-M0+ of a simulated RP2040, from flash without wait states; `counts` are its cycles. */
export function runOnRp2040(subject: Subject, elf: Elf, samples: Uint8Array): ArmRun & { readonly cycles: number } {
  const chip = new RP2040();
  chip.logger = SILENT;
  for (const { address, content } of elf.segments) chip.flash.set(content, address - RP2040_FLASH);
  const { core } = chip;
  chip.peripherals[0x40000] = counterOf(core);
  core.VTOR = RP2040_FLASH;
  core.reset();
  const output: number[] = [];
  let read = 0;
  let asked = 0;
  let ended = false;
  chip.onBreak = () => {
    const [operation, block] = core.registers;
    const [, place, bytes] = [0, 4, 8].map((offset) => chip.readUint32(block + offset));
    asked = core.cycles;
    core.registers[0] = 0;
    switch (operation) {
      case SYS.read: {
        if (read >= samples.length) core.registers[0] = bytes;
        for (let i = 0; i < bytes && read < samples.length; i++) chip.writeUint8(place + i, samples[read++]);
        break;
      }
      case SYS.write:
        for (let i = 0; i < bytes; i++) output.push(chip.readUint8(place + i));
        break;
      case SYS.exit:
        ended = true;
    }
  };
  while (!ended) {
    core.executeInstruction();
    if (core.cycles - asked > MOST_CYCLES) throw new Error(`no answer within ${MOST_CYCLES} cycles`);
  }
  const run = readArmRun(subject, elf, samples.length / subject.sampleBytes, Uint8Array.from(output));
  return { ...run, cycles: run.counts };
}

/** The requests of Arm semihosting that the harness makes; opening a file needs no answer here. */
const SYS = { write: 5, read: 6, exit: 24 } as const;

/** Stands for the timer that the harness reads: counts down with the core's cycles. */
const counterOf = (core: { readonly cycles: number }): Peripheral => ({
  readUint32: () => -core.cycles >>> 0,
  writeUint32() {},
  writeUint32Atomic() {},
});

export const SILENT: RP2040['logger'] = { debug() {}, info() {}, warn() {}, error() {} };
