import { shiftOf } from '../quantize/arithmetic.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import type { Task } from './machine.ts';
import type { Range } from './range.ts';

/** How sums become a stage's int8: `clamp(floor((sum * multiplier + 2^(shift - 1)) / 2^shift))`. */
export type Scaling = {
  /** Absent where each channel has its own. */
  readonly multiplier?: number;
  /** No channel has more. */
  readonly largest: number;
  readonly shift: number;
  /** No sum times its multiplier is more, where that is known. */
  readonly mostProduct?: number;
  /** Of the sums, their biases among them. */
  readonly range: Range;
  readonly low: number;
  readonly high: number;
};

/** Of a stage with weights, whose sums are 2^`lift` what they stand for; undefined where they are the logits. */
export function scalingFor({ rescale, low, high }: QuantizedStage, range: Range, lift = 0): Scaling | undefined {
  if (!rescale) return undefined;
  const { multipliers } = rescale;
  const [multiplier] = multipliers;
  const isUniform = multipliers.every((each) => each === multiplier);
  return { ...(isUniform && { multiplier }), largest: Math.max(...multipliers), shift: rescale.shift + lift, range, low, high };
}

/** Of an average pool; maxima are bytes as they are. */
export function poolScaling({ stage, inputs: [input] }: Task): Scaling | undefined {
  if (stage.op === 'maxPool') return undefined;
  const { kernelY, kernelX } = stage.window!;
  const area = kernelY * kernelX;
  const range = {
    least: Math.min(0, area * (input.least - input.zeroPoint)),
    most: Math.max(0, area * (input.most - input.zeroPoint)),
  };
  return scalingFor(stage, range);
}

/** The shift that is all that there is to do, where all multipliers are one power of two. */
export const plainShift = ({ multiplier, shift }: Pick<Scaling, 'multiplier' | 'shift'>): number | undefined =>
  multiplier === undefined ? undefined : shiftOf(multiplier, shift);

/** Of inputs that are joined: what is added to their products with their multipliers, which is their zero points' part and a half, and what the sum can be. */
export function joined({ stage, inputs }: Task, which: readonly number[]): { readonly constant: number; readonly range: Range } {
  const { multipliers, shift } = stage.rescale!;
  const constant = which.reduce((sum, i) => sum - inputs[i].zeroPoint * multipliers[i], 2 ** (shift - 1));
  const bound = (of: 'least' | 'most') => which.reduce((sum, i) => sum + inputs[i][of] * multipliers[i], constant);
  return { constant, range: { least: bound('least'), most: bound('most') } };
}
