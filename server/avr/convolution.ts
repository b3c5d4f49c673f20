import { addTo } from './arithmetic.ts';
import { COUNT, FIRST, MOST_SUM_REGISTERS, type Place, SUMS, TAP, TAP_ROW, type Task, WEIGHT, X, Z, ZERO } from './machine.ts';
import { addRun, addTaps, bytesOf, encodeRun, nonZeros, runBytes, sumOf } from './products.ts';
import type { Program } from './program.ts';
import { foldedBias, sumRange } from './range.ts';
import { plainShift, requantize, type Scaling, storeSum, sumBytes } from './requantize.ts';
import { rowStep, tracksColumns, type Walk, walkOf, walkWindow, wrap } from './walk.ts';

/** Emits the convolution of one window, from FIRST to Y, which moves on; its table is written behind the program. */
export function convolution(p: Program, task: Task): void {
  if (task.weights === 'code') fromCode(p, task);
  else if (task.weights === 'runs') fromRuns(p, task);
  else fromTable(p, task);
}

/** What the sums of a stage with weights need. */
export function sumsOf({ stage, inputs: [input] }: Task): { bytes: number; scaling?: Scaling } {
  const range = sumRange(stage, input);
  const { rescale, low, high } = stage;
  if (!rescale) return { bytes: sumBytes(range, [], 1) };
  const { multipliers, shift } = rescale;
  const uniform = multipliers.every((each) => each === multipliers[0]) ? multipliers[0] : undefined;
  const scaling = { multiplier: uniform, largest: Math.max(...multipliers), shift, range, low, high };
  return { bytes: sumBytes(range, multipliers, shift), scaling };
}

/** Registers from SUMS on that hold sums; fewer where a window's place is kept beside them. */
const registersFor = (walk: Walk, { sumRegisters }: Task): number =>
  Math.min(sumRegisters, walk.clippedY || tracksColumns(walk, 'row') ? 9 : MOST_SUM_REGISTERS);

/** Groups of channels that are summed up together, of the same size but for the last. */
export function groupsOf(channels: number, most: number): number[][] {
  const size = Math.ceil(channels / Math.ceil(channels / Math.max(1, most)));
  const all = Array.from({ length: channels }, (_, i) => i);
  return all.filter((i) => i % size === 0).map((first) => all.slice(first, first + size));
}

/** Runs `body` for each group in turn: those of one size in a loop that ends where the table of the last does. */
export function forGroups(
  p: Program,
  groups: readonly (readonly number[])[],
  table: string,
  ends: readonly number[],
  body: (size: number) => void,
) {
  const full = groups.filter((group) => group.length === groups[0].length).length;
  p.op('ldi', Z, { label: table, byte: 0, offset: 0 });
  p.op('ldi', Z + 1, { label: table, byte: 1, offset: 0 });
  const again = p.fresh();
  p.label(again);
  p.times(full, () => {
    body(groups[0].length);
    if (full === 1) return;
    p.op('cpi', Z, { label: table, byte: 0, offset: ends[full - 1] });
    p.op('ldi', TAP, { label: table, byte: 1, offset: ends[full - 1] });
    p.op('cpc', Z + 1, TAP);
    p.branch('brne', (full - 1) / full, again);
  });
  if (full < groups.length) body(groups[full].length);
}

/** Loads the biases of a group's sums from the table. */
export function loadBiases(p: Program, sums: readonly (readonly number[])[]): void {
  for (const register of sums.flat()) p.op('lpm Z+', register);
}

/** Requantises and stores a group's sums; code that is long is written once, and the sums are moved through it. */
export function finishGroup(p: Program, { output }: Task, sums: readonly (readonly number[])[], scaling: Scaling | undefined): void {
  if (!scaling) {
    for (const sum of sums) storeSum(p, sum, output.bytes);
    return;
  }
  const finish = () => p.op('st Y+', requantize(p, sums[0], scaling));
  if (sums.length === 1) {
    finish();
    return;
  }
  if (plainShift(scaling) !== undefined) {
    for (const sum of sums) p.op('st Y+', requantize(p, sum, scaling));
    return;
  }
  // Four bytes need COUNT themselves; TAP_ROW begins anew with every group.
  const counter = sums[0].length === 4 ? TAP_ROW : COUNT;
  const again = p.fresh();
  p.op('ldi', TAP, sums.length);
  p.op('mov', counter, TAP);
  p.label(again);
  p.times(sums.length, () => {
    finish();
    sums.slice(1).forEach((sum, i) => {
      sum.forEach((register, byte) => {
        p.op('mov', sums[i][byte], register);
      });
    });
    p.op('dec', counter);
    p.branch('brne', 1 - 1 / sums.length, again);
  });
}

function fromTable(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { bytes, scaling } = sumsOf(task);
  const registers = Math.min(registersFor(walk, task), bytes === 4 ? 8 : MOST_SUM_REGISTERS);
  const groups = groupsOf(stage.shape.channels, Math.floor(registers / bytes));
  const bias = foldedBias(stage, input);
  const { weight } = stage.weights!;
  const taps = weight.length / bias.length;
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const tables = () =>
    groups.map((group) => [
      ...group.flatMap((filter) => bytesOf(bias[filter], bytes)),
      ...Array.from({ length: taps }, (_, tap) => group.map((filter) => weight[filter * taps + tap] & 255)).flat(),
      ...(multipliers ? group.flatMap((filter) => bytesOf(multipliers[filter], 2)) : []),
    ]);
  const perFilter = bytes + taps + (multipliers ? 2 : 0);
  const table = p.table(perFilter * bias.length, () => tables().flat());
  forGroups(p, groups, table, endsOf(groups, perFilter), (size) => {
    const sums = Array.from({ length: size }, (_, slot) => sumOf(slot, bytes));
    loadBiases(p, sums);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'row',
      visit: (count) => addTaps(p, input, sums, count),
      absent: (count) => (input.zeroPoint === 0 ? addTo(p, Z, count * size) : addTaps(p, input, sums, count, input.zeroPoint)),
    });
    finishGroup(p, task, sums, scaling);
  });
}

/** Where each group's part of a table ends, whose members take so many bytes. */
export const endsOf = (groups: readonly (readonly number[])[], each: number): number[] => sumsTo(groups.map(({ length }) => length * each));

export const sumsTo = (sizes: readonly number[]): number[] => {
  let sum = 0;
  return sizes.map((size) => (sum += size));
};

/** Only the weights that are not zero, a filter at a time. Rows of taps lie side by side, and none hangs over the border from left to right. */
function fromRuns(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { kernelY, kernelX } = stage.window!;
  const { bytes, scaling } = sumsOf(task);
  const bias = foldedBias(stage, input);
  const { weight } = stage.weights!;
  const length = kernelX * input.channels;
  const multipliers = scaling && scaling.multiplier === undefined ? stage.rescale!.multipliers : undefined;
  const filters = () =>
    bias.map((value, filter) => [
      ...bytesOf(value, bytes),
      ...Array.from({ length: kernelY }, (_, ky) =>
        encodeRun(weight.subarray((filter * kernelY + ky) * length, (filter * kernelY + ky + 1) * length)),
      ).flat(),
      ...(multipliers ? bytesOf(multipliers[filter], 2) : []),
    ]);
  const expected = nonZeros(weight) / (weight.length / length);
  const taps = kernelY * length;
  const ends = sumsTo(
    bias.map((_, filter) => bytes + runBytes(weight.subarray(filter * taps, (filter + 1) * taps), kernelY) + (multipliers ? 2 : 0)),
  );
  const table = p.table(ends[ends.length - 1], () => filters().flat());
  const sum = sumOf(0, bytes);
  const begin = SUMS + 6;
  const inPixels = walk.ring === 'pixels';
  forGroups(p, groupsOf(bias.length, 1), table, ends, () => {
    loadBiases(p, [sum]);
    p.op('movw', X, FIRST);
    walkWindow(p, walk, {
      taps: input.channels,
      stretch: 'standing row',
      visit() {
        p.op('movw', begin, X);
        addRun(p, input, sum, expected, inPixels ? () => wrap(p, walk) : undefined);
        p.op('movw', X, begin);
      },
      absent: () => addRun(p, input, sum, expected, undefined, input.zeroPoint),
    });
    finishGroup(p, task, [sum], scaling);
  });
}

/** Weights are instructions: a tap is loaded once for several filters, zeros are not there. Windows lie on the input in full. */
function fromCode(p: Program, task: Task): void {
  const { stage, inputs } = task;
  const [input] = inputs;
  const walk = walkOf(task);
  const { bytes } = sumsOf(task);
  const bias = foldedBias(stage, input);
  const { multipliers, shift } = stage.rescale!;
  const range = sumRange(stage, input);
  for (const group of groupsOf(stage.shape.channels, Math.floor(task.sumRegisters / bytes))) {
    p.op('movw', X, FIRST);
    new Group(p, task, walk, group, bytes).write();
    group.forEach((filter, slot) => {
      const scaling = { multiplier: multipliers[filter], largest: multipliers[filter], shift, range, low: stage.low, high: stage.high };
      p.op('st Y+', requantize(p, sumOf(slot, bytes), scaling, bias[filter]));
    });
  }
}

/** The products of a group of filters, as code. */
class Group {
  private readonly p: Program;
  private readonly task: Task;
  private readonly walk: Walk;
  private readonly filters: readonly number[];
  private readonly sums: readonly (readonly number[])[];
  private readonly begun = new Set<number>();
  private readonly input: Place;

  constructor(p: Program, task: Task, walk: Walk, filters: readonly number[], bytes: number) {
    this.p = p;
    this.task = task;
    this.walk = walk;
    this.filters = filters;
    this.sums = filters.map((_, slot) => sumOf(slot, bytes));
    [this.input] = task.inputs;
  }

  write(): void {
    const { p, walk } = this;
    const { kernelY, kernelX, dilationX } = walk.window;
    const { channels } = this.input;
    const inPixels = walk.ring === 'pixels';
    let pending = 0;
    const settle = (wraps: boolean, step?: number) => {
      if (pending !== 0 || wraps) addTo(p, X, inPixels ? mod(pending, this.input.depth * channels) : pending);
      pending = 0;
      if (wraps) wrap(p, walk, step);
    };
    for (let ky = 0; ky < kernelY; ky++) {
      for (let kx = 0; kx < kernelX; kx++) {
        for (let c = 0; c < channels; c++) {
          const weights = this.weightsAt((ky * kernelX + kx) * channels + c);
          if (weights.every((weight) => weight === 0)) {
            pending++;
            continue;
          }
          if (pending !== 0) settle(false);
          p.op('ld X+', TAP);
          this.addTap(weights);
        }
        pending += (dilationX - 1) * channels;
        if (inPixels && kx < kernelX - 1) settle(true);
      }
      if (ky === kernelY - 1) break;
      pending += rowStep(walk) - kernelX * dilationX * channels;
      settle(walk.ring !== undefined, inPixels ? mod(rowStep(walk), this.input.depth * channels) : rowStep(walk));
    }
    this.sums.forEach((_, slot) => {
      if (!this.begun.has(slot)) this.clear(slot);
    });
  }

  private weightsAt(tap: number): number[] {
    const { weight } = this.task.stage.weights!;
    const taps = weight.length / this.task.stage.shape.channels;
    return this.filters.map((filter) => weight[filter * taps + tap]);
  }

  /** Weights of one size need one product. */
  private addTap(weights: readonly number[]): void {
    for (const size of new Set(weights.map(Math.abs))) {
      if (size === 0) continue;
      const slots = weights.flatMap((weight, slot) => (Math.abs(weight) === size ? [slot] : []));
      if (this.input.least < 0) this.addSigned(size, slots, weights);
      else this.addUnsigned(size, slots, weights);
    }
  }

  private addUnsigned(size: number, slots: readonly number[], weights: readonly number[]): void {
    const { p } = this;
    if (size !== 1) {
      p.op('ldi', WEIGHT, size);
      p.op('mul', WEIGHT, TAP);
    }
    const [low, high] = size === 1 ? [TAP, ZERO] : [0, 1];
    for (const slot of slots) this.add(slot, low, high, weights[slot] > 0);
  }

  private addSigned(size: number, slots: readonly number[], weights: readonly number[]): void {
    const { p } = this;
    p.op('ldi', WEIGHT, size);
    slots.forEach((slot, i) => {
      const wider = this.sums[slot].slice(2);
      if (!this.begun.has(slot)) this.clear(slot);
      // The product's sign is in the carry, until something is added.
      if (i === 0 || wider.length > 0) p.op('muls', WEIGHT, TAP);
      for (const register of wider) p.op(weights[slot] > 0 ? 'sbc' : 'adc', register, ZERO);
      this.add(slot, 0, 1, weights[slot] > 0);
    });
  }

  private clear(slot: number): void {
    for (const register of this.sums[slot]) this.p.op('mov', register, ZERO);
    this.begun.add(slot);
  }

  /** Adds or subtracts two bytes; the first that are added to a sum begin it. */
  private add(slot: number, low: number, high: number, positive: boolean): void {
    const { p } = this;
    const sum = this.sums[slot];
    if (positive && !this.begun.has(slot)) {
      [low, high, ...sum.slice(2).map(() => ZERO)].forEach((from, i) => {
        p.op('mov', sum[i], from);
      });
      this.begun.add(slot);
      return;
    }
    if (!this.begun.has(slot)) this.clear(slot);
    p.op(positive ? 'add' : 'sub', sum[0], low);
    p.op(positive ? 'adc' : 'sbc', sum[1], high);
    for (const register of sum.slice(2)) p.op(positive ? 'adc' : 'sbc', register, ZERO);
  }
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
