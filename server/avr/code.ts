import type { Place, Task } from '../machine/machine.ts';
import { foldedBias, sumRange } from '../machine/range.ts';
import { rowStep, type Walk, walkOf, wrappedStep } from '../machine/walk.ts';
import { addTo } from './arithmetic.ts';
import { groupsOf, sumsOf } from './groups.ts';
import { sumOf } from './products.ts';
import type { Program } from './program.ts';
import { FIRST, TAP, WEIGHT, X, ZERO } from './registers.ts';
import { requantize } from './requantize.ts';
import { wrap } from './walk.ts';

/** Weights are instructions: a tap is loaded once for several filters, zeros are not there. Windows lie on the input in full. */
export function fromCode(p: Program, task: Task): void {
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
      if (pending !== 0 || wraps) addTo(p, X, wrappedStep(walk, pending));
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
      settle(walk.ring !== undefined, wrappedStep(walk, rowStep(walk)));
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
