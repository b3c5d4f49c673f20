import type { WeightBits } from '../network/network.ts';
import type { Stage } from '../network/stage.ts';
import { WEIGHT_LEVELS } from './arithmetic.ts';
import { outputChannel } from './fold.ts';

/**
 * With a bias beyond this a sum would no longer be exact in 32-bit floats (`reach.ts`), nor fit three bytes; the channel's weight scale is raised until it does. An output has 8 bits: of such
 * a channel, whose weights say next to nothing, it loses nothing.
 */
const LARGEST_BIAS = 2 ** 21;

/**
 * What one of a stage's integer weights stands for, by output channel; a raw stage has one scale for all. `steps` are the scales where they
 * were learned.
 */
export function weightScales(
  stage: Stage,
  weight: Float64Array,
  bias: Float64Array,
  inputScale: number,
  steps?: Float32Array,
): Float64Array {
  const { channels } = stage.shape;
  const bits = stage.bits ?? 8;
  const scales = steps ? Float64Array.from(steps) : Float64Array.from(groupsOf(stage, weight), (group) => scaleOf(group, bits));
  const floored = Float64Array.from({ length: channels }, (_, channel) => {
    const floor = Math.abs(bias[channel]) / (inputScale * LARGEST_BIAS);
    return Math.max(scales[stage.raw && !steps ? 0 : channel], floor) || 1 / 127;
  });
  return stage.raw ? floored.fill(Math.max(...floored)) : floored;
}

/** The weights that share a scale. */
function groupsOf(stage: Stage, weight: Float64Array): Float64Array[] {
  if (stage.raw) return [weight];
  const { channels } = stage.shape;
  const groups = Array.from({ length: channels }, () => new Float64Array(weight.length / channels));
  const filled = new Int32Array(channels);
  weight.forEach((value, i) => {
    const channel = outputChannel(stage, weight.length, i);
    groups[channel][filled[channel]++] = value;
  });
  return groups;
}

/**
 * Of 8 and 4 bits the largest weight is the largest integer. Of ternary weights it is the mean size of those above 0.7 of the mean (Li et al.
 * 2016), and of 2 bits the scale of a few that loses least.
 */
function scaleOf(weights: Float64Array, bits: WeightBits): number {
  const largest = weights.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  if (bits === 8 || bits === 4) return largest / WEIGHT_LEVELS[bits][1];
  if (bits === 2) return leastLoss(weights, largest);
  const mean = weights.reduce((sum, each) => sum + Math.abs(each), 0) / weights.length;
  const large = weights.filter((each) => Math.abs(each) > 0.7 * mean);
  return large.reduce((sum, each) => sum + Math.abs(each), 0) / Math.max(1, large.length);
}

/** Shares of the largest weight that are tried for a scale. */
const TRIED = [1, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3];

function leastLoss(weights: Float64Array, largest: number): number {
  const [low, high] = WEIGHT_LEVELS[2];
  const loss = (scale: number) =>
    weights.reduce((sum, each) => sum + (each - scale * Math.max(low, Math.min(high, Math.round(each / scale)))) ** 2, 0);
  const scales = TRIED.map((share) => share * largest);
  const losses = scales.map(loss);
  return largest > 0 ? scales[losses.indexOf(Math.min(...losses))] : 0;
}
