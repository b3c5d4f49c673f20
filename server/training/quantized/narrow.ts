import type { Parameters } from '../../network/network.ts';
import type { WeightBits } from '../engine.ts';

/** The largest of the integers -n ... n. */
const LARGEST = { 4: 7, 2: 1 } as const;

/**
 * Weights rounded to the few values that so many bits hold, symmetric about zero, with one scale for each tensor that is chosen to lose
 * little: 4 bits span the largest weight; ternary weights are zero below 0.7 of the mean size, and else the mean of the rest (Li et al. 2016).
 */
export function narrow(parameters: Parameters, bits: WeightBits): Parameters {
  if (bits === 8) return parameters;
  return Object.fromEntries(
    Object.entries(parameters).map(([layer, tensors]) => [
      layer,
      tensors.weight ? { ...tensors, weight: bits === 2 ? ternary(tensors.weight) : rounded(tensors.weight, LARGEST[bits]) } : tensors,
    ]),
  );
}

function rounded(weight: Float32Array, largest: number): Float32Array {
  const scale = weight.reduce((most, each) => Math.max(most, Math.abs(each)), 0) / largest || 1;
  return weight.map((each) => Math.round(each / scale) * scale);
}

function ternary(weight: Float32Array): Float32Array {
  const threshold = (0.7 * weight.reduce((sum, each) => sum + Math.abs(each), 0)) / weight.length;
  const large = weight.filter((each) => Math.abs(each) > threshold);
  const size = large.reduce((sum, each) => sum + Math.abs(each), 0) / Math.max(1, large.length);
  return weight.map((each) => (Math.abs(each) > threshold ? Math.sign(each) * size : 0));
}
