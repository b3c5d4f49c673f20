import { RP2040 } from 'rp2040js';
import type { Machine } from '../machine/machine.ts';
import { unitsOf } from '../machine/schedule.ts';
import { assemble } from '../thumb/assemble.ts';
import { functionsOf } from '../thumb/functions.ts';
import { push } from '../thumb/push.ts';
import type { MachineRun } from './machine.ts';
import { RP2040_FLASH, SILENT } from './rp2040.ts';
import { stateEnd } from './state.ts';

const RAM = 0x20000000;
const RAM_BYTES = 0x40000;
const PAINT = 0xc5;
/** A function that does not return within so many cycles is taken to hang. */
const MOST_CYCLES = 400_000_000;

/** Runs the functions over `samples` ([count, sampleBytes]) on a simulated Cortex-M0+ as a program would call them, with the state at the begin of the RAM. */
export function runBareThumb(machine: Machine, samples: Uint8Array): MachineRun {
  const chip = new RP2040();
  chip.logger = SILENT;
  const entries = new Map<string, number>();
  const functions = [...functionsOf(machine), { name: 'push', items: push(machine) }];
  // A function returns to the first word.
  let end = 4;
  for (const { name, items } of functions) {
    const code = assemble(items);
    if (end + code.length > chip.flash.length) throw new Error(`the machine code does not fit ${chip.flash.length} B of flash`);
    chip.flash.set(code, end);
    entries.set(name, end);
    end += code.length;
  }
  chip.sram.fill(PAINT);
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
  const units = unitsOf(machine);
  const { height, width, channels } = machine.input;
  const unitBytes = (height * width * channels) / units;
  const { output } = machine.tasks[machine.tasks.length - 1];
  const logits = output.height * output.width * output.channels;
  const count = samples.length / (units * unitBytes);
  const answers = { classes: new Uint8Array(count), logits: new Int32Array(count * logits) };
  const read = new DataView(chip.sram.buffer, chip.sram.byteOffset);
  let cycles = 0;
  for (let i = 0; i < count; i++) {
    const begun = core.cycles;
    call('init');
    for (let unit = 0; unit < units; unit++) {
      const from = (i * units + unit) * unitBytes;
      chip.sram.set(samples.subarray(from, from + unitBytes), call(`next_${machine.unit}`) - RAM);
      call('push');
    }
    answers.classes[i] = call('result') & 255;
    cycles = Math.max(cycles, core.cycles - begun);
    for (let k = 0; k < logits; k++) {
      const at = output.offset + k * output.bytes;
      answers.logits[i * logits + k] =
        output.bytes === 4 ? read.getInt32(at, true) : output.unsigned ? read.getUint8(at) : read.getInt8(at);
    }
  }
  let deepest = stateEnd(machine);
  while (deepest < RAM_BYTES && chip.sram[deepest] === PAINT) deepest++;
  return { ...answers, cycles, stackBytes: RAM_BYTES - deepest, codeBytes: end - 4 };
}

/** What the registers hold that a function must give back. */
const KEPT = 0x1234500;
