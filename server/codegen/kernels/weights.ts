import { clippedHorizontally, clippedVertically } from '../../plan/weights.ts';
import { outputChannel } from '../../quantize/fold.ts';
import type { StageContext } from '../context.ts';
import { lines, table } from '../text.ts';

/** Padding reads as the zero point, so taps must be taken relative to it; without padding the zero point is folded into the bias. */
export const subtractsZeroPoint = ({ stage, inputs }: StageContext): boolean =>
  inputs[0].zeroPoint !== 0 && (clippedVertically(stage) || clippedHorizontally(stage));

/** The C of an input element times a weight; at most 255 * 127 either way, it fits int16. */
export const product = (context: StageContext, element: string, weight: string): string => {
  const tap = subtractsZeroPoint(context) ? `(${element} - ${context.inputs[0].zeroPoint})` : element;
  return `PRODUCT(${tap} * ${weight})`;
};

/** The bias with the zero point's part folded in where taps are not taken relative to it. */
export function foldedBias(context: StageContext): Int32Array {
  const { weight, bias } = context.stage.weights!;
  const zeroPoint = subtractsZeroPoint(context) ? 0 : context.inputs[0].zeroPoint;
  const folded = Int32Array.from(bias);
  if (zeroPoint === 0) return folded;
  weight.forEach((value, i) => {
    folded[outputChannel(context.stage, weight.length, i)] -= zeroPoint * value;
  });
  return folded;
}

/** The tables of a stage with weights. */
export function weightTables(context: StageContext, weight: string): string {
  const { stage } = context;
  return lines(
    0,
    weight,
    table('int32_t', `${context.symbol}_bias`, foldedBias(context)),
    stage.rescale && table('int16_t', `${context.symbol}_multiplier`, stage.rescale.multipliers),
  );
}
