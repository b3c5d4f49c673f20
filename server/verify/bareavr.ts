import { avrInstruction, CPU } from 'avr8js';
import { assemble } from '../avr/assemble.ts';
import { functionsOf } from '../avr/functions.ts';
import type { Machine } from '../machine/machine.ts';
import { flashed, MOST_CYCLES, runBare } from './bare.ts';
import { ATMEGA328P, type AvrChip } from './chips.ts';
import type { MachineRun } from './machine.ts';

/** r25:r24 on the chip's data bus: the first argument, and what is returned. */
const ARGUMENT = 24;

/** Runs the functions over `samples` ([count, sampleBytes]) on a simulated AVR. */
export function runBareAvr(machine: Machine, samples: Uint8Array, chip: AvrChip = ATMEGA328P): MachineRun {
  const flash = new Uint8Array(chip.flashBytes);
  // A function returns to address 0.
  const { entries, codeBytes } = flashed(functionsOf(machine), flash, 2, assemble);
  const cpu = new CPU(new Uint16Array(flash.buffer), chip.ramBytes);
  const top = chip.ramStart + chip.ramBytes - 1;
  const call = (name: string): number => {
    cpu.data.fill(0, top - 1, top + 1);
    cpu.SP = top - 2;
    cpu.pc = entries.get(name)! / 2;
    cpu.data[ARGUMENT] = chip.ramStart & 255;
    cpu.data[ARGUMENT + 1] = chip.ramStart >> 8;
    const begun = cpu.cycles;
    while (cpu.pc !== 0) {
      avrInstruction(cpu);
      if (cpu.cycles - begun > MOST_CYCLES) throw new Error(`${name} does not return within ${MOST_CYCLES} cycles`);
    }
    return cpu.data[ARGUMENT] + 256 * cpu.data[ARGUMENT + 1];
  };
  const ram = cpu.data.subarray(chip.ramStart, top + 1);
  return runBare(machine, samples, { ram, ramStart: chip.ramStart, call, cycles: () => cpu.cycles, codeBytes });
}
