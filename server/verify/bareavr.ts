import { avrInstruction, CPU } from 'avr8js';
import { assemble } from '../avr/assemble.ts';
import { functionsOf } from '../avr/functions.ts';
import { push } from '../avr/push.ts';
import type { Machine } from '../machine/machine.ts';
import { unitsOf } from '../machine/schedule.ts';
import { ATMEGA328P, type AvrChip } from './chips.ts';
import type { MachineRun } from './machine.ts';
import { stateEnd } from './state.ts';

/** A function that does not return within so many cycles is taken to hang. */
const MOST_CYCLES = 400_000_000;
const PAINT = 0xc5;
/** r25:r24 on the chip's data bus: the first argument, and what is returned. */
const ARGUMENT = 24;

/** Runs the functions over `samples` ([count, sampleBytes]) as a program would call them, with the state at the begin of the RAM. */
export function runBareAvr(machine: Machine, samples: Uint8Array, chip: AvrChip = ATMEGA328P): MachineRun {
  const flash = new Uint8Array(chip.flashBytes);
  const entries = new Map<string, number>();
  const functions = [...functionsOf(machine), { name: 'push', items: push(machine) }];
  let end = 2; // a function returns to address 0
  for (const { name, items } of functions) {
    const code = assemble(items, end);
    if (end + code.length > flash.length) throw new Error(`the machine code does not fit ${chip.flashBytes} B of flash`);
    flash.set(code, end);
    entries.set(name, end);
    end += code.length;
  }
  const cpu = new CPU(new Uint16Array(flash.buffer), chip.ramBytes);
  cpu.data.fill(PAINT, chip.ramStart);
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
  const units = unitsOf(machine);
  const { height, width, channels } = machine.input;
  const unitBytes = (height * width * channels) / units;
  const { output } = machine.tasks[machine.tasks.length - 1];
  const logits = output.height * output.width * output.channels;
  const count = samples.length / (units * unitBytes);
  const answers = { classes: new Uint8Array(count), logits: new Int32Array(count * logits) };
  let cycles = 0;
  for (let i = 0; i < count; i++) {
    const begun = cpu.cycles;
    call('init');
    for (let unit = 0; unit < units; unit++) {
      const from = (i * units + unit) * unitBytes;
      cpu.data.set(samples.subarray(from, from + unitBytes), call(`next_${machine.unit}`));
      call('push');
    }
    answers.classes[i] = call('result') & 255;
    cycles = Math.max(cycles, cpu.cycles - begun);
    for (let k = 0; k < logits; k++)
      answers.logits[i * logits + k] = read(cpu.data, chip.ramStart + output.offset + k * output.bytes, output);
  }
  let deepest = chip.ramStart + stateEnd(machine);
  while (deepest <= top && cpu.data[deepest] === PAINT) deepest++;
  return { ...answers, cycles, stackBytes: top + 1 - deepest, codeBytes: end - 2 };
}

function read(data: Uint8Array, at: number, { bytes, unsigned }: { bytes: number; unsigned: boolean }): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += data[at + i] * 256 ** i;
  return unsigned || value < 2 ** (8 * bytes - 1) ? value : value - 256 ** bytes;
}
