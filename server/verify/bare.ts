import type { Machine, Place } from '../machine/machine.ts';
import { unitsOf } from '../machine/schedule.ts';
import type { MachineRun } from './machine.ts';
import { stateEnd } from './state.ts';

/** A function that does not return within so many cycles is taken to hang. */
export const MOST_CYCLES = 400_000_000;

/** A simulated chip with machine code in its flash, and nothing else. */
export type BareChip = {
  /** The state lies at its begin, which is at this address. */
  readonly ram: Uint8Array;
  readonly ramStart: number;
  /** Calls a function with the state, and returns what that does. */
  readonly call: (name: string) => number;
  readonly cycles: () => number;
  readonly codeBytes: number;
};

/** Puts functions into flash one after the other, from byte `from` on. */
export function flashed<Item>(
  functions: readonly { readonly name: string; readonly items: readonly Item[] }[],
  flash: Uint8Array,
  from: number,
  assemble: (items: readonly Item[], at: number) => Uint8Array,
): { readonly entries: ReadonlyMap<string, number>; readonly codeBytes: number } {
  const entries = new Map<string, number>();
  let end = from;
  for (const { name, items } of functions) {
    const code = assemble(items, end);
    if (end + code.length > flash.length) throw new Error(`the machine code does not fit ${flash.length} B of flash`);
    flash.set(code, end);
    entries.set(name, end);
    end += code.length;
  }
  return { entries, codeBytes: end - from };
}

/** Calls the functions for each of `samples` ([count, sampleBytes]) as a program would. */
export function runBare(machine: Machine, samples: Uint8Array, { ram, ramStart, call, cycles, codeBytes }: BareChip): MachineRun {
  const units = unitsOf(machine);
  const { height, width, channels } = machine.input;
  const unitBytes = (height * width * channels) / units;
  const { output } = machine.tasks[machine.tasks.length - 1];
  const logits = output.height * output.width * output.channels;
  const count = samples.length / (units * unitBytes);
  const answers = { classes: new Uint8Array(count), logits: new Int32Array(count * logits) };
  let slowest = 0;
  ram.fill(PAINT);
  for (let i = 0; i < count; i++) {
    const begun = cycles();
    call('init');
    for (let unit = 0; unit < units; unit++) {
      const from = (i * units + unit) * unitBytes;
      ram.set(samples.subarray(from, from + unitBytes), call(`next_${machine.unit}`) - ramStart);
      call('push');
    }
    answers.classes[i] = call('result') & 255;
    slowest = Math.max(slowest, cycles() - begun);
    for (let k = 0; k < logits; k++) answers.logits[i * logits + k] = read(ram, k, output);
  }
  let deepest = stateEnd(machine);
  while (deepest < ram.length && ram[deepest] === PAINT) deepest++;
  return { ...answers, cycles: slowest, stackBytes: ram.length - deepest, codeBytes };
}

const PAINT = 0xc5;

function read(ram: Uint8Array, element: number, { offset, bytes, unsigned }: Place): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += ram[offset + element * bytes + i] * 256 ** i;
  return unsigned || value < 2 ** (8 * bytes - 1) ? value : value - 256 ** bytes;
}
