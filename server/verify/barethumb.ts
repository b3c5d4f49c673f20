import { RP2040 } from 'rp2040js';
import type { Machine } from '../machine/machine.ts';
import { assemble } from '../thumb/assemble.ts';
import { functionsOf } from '../thumb/functions.ts';
import { flashed, MOST_CYCLES, runBare } from './bare.ts';
import type { MachineRun } from './machine.ts';
import { RP2040_FLASH, SILENT } from './rp2040.ts';

const RAM = 0x20000000;
const RAM_BYTES = 0x40000;

/** Runs the functions over `samples` ([count, sampleBytes]) on a simulated Cortex-M0+. */
export function runBareThumb(machine: Machine, samples: Uint8Array): MachineRun {
  const chip = new RP2040();
  chip.logger = SILENT;
  // A function returns to the first word.
  const { entries, codeBytes } = flashed(functionsOf(machine), chip.flash, 4, assemble);
  const { core } = chip;
  const call = (name: string): number => {
    core.registers[0] = RAM;
    core.registers[13] = RAM + RAM_BYTES;
    core.registers[14] = RP2040_FLASH | 1;
    core.registers[15] = RP2040_FLASH + entries.get(name)!;
    for (let i = 4; i < 12; i++) core.registers[i] = KEPT + i;
    const begun = core.cycles;
    while (core.registers[15] !== RP2040_FLASH) {
      core.executeInstruction();
      if (core.cycles - begun > MOST_CYCLES) throw new Error(`${name} does not return within ${MOST_CYCLES} cycles`);
    }
    for (let i = 4; i < 12; i++) if (core.registers[i] !== KEPT + i) throw new Error(`${name} loses r${i}`);
    if (core.registers[13] !== RAM + RAM_BYTES) throw new Error(`${name} moves the stack`);
    return core.registers[0];
  };
  const ram = chip.sram.subarray(0, RAM_BYTES);
  return runBare(machine, samples, { ram, ramStart: RAM, call, cycles: () => core.cycles, codeBytes });
}

/** What the registers hold that a function must give back. */
const KEPT = 0x1234500;
