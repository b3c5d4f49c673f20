import type { WeightBits } from '../../network/network.ts';
import type { PlanTarget } from '../../plan/plan.ts';
import { MOST_CONSTANTS } from '../../plan/weights.ts';
import { storedBits } from '../../quantize/bits.ts';
import type { Space } from '../../search/space.ts';
import { stateFloor } from './streamed.ts';
import { leastWeights, type Stored } from './weights.ts';

/** Bytes that no network of a space goes below, whatever its plan. */
export type Floor = { readonly ramBytes: number; readonly flashBytes: number };

/**
 * A proof: of the state by what every plan must hold, of the stack by what machine code saves for the last layer alone, of flash by the weights. Stack that was fitted to what a
 * compiler makes proves nothing. `weightBits` are those of layers that the space does not give theirs.
 */
export const floorOf = (space: Space, target?: PlanTarget, weightBits: WeightBits = 'ternary'): Floor => ({
  ramBytes: Math.min(stateFloor(space, 'row'), stateFloor(space, 'pixel')) + (target?.leastStackBytes ?? 0),
  flashBytes: tableFloor(space, target, weightBits) + (target?.leastFlashBytes ?? 0),
});

/** Bytes of a bias, at least. */
const BIAS_BYTES = 2;

/** Weights, and the biases of the logits. */
function tableFloor(space: Space, target: PlanTarget | undefined, weightBits: WeightBits): number {
  const all = space.bits.length > 0 ? space.bits : [weightBits];
  const fewest = Math.min(...all.map((bits) => storedBits({ bits: bits === 8 ? undefined : bits })));
  const inC = (target?.weightsAsConstants ?? true) ? MOST_CONSTANTS : 0;
  // In a table, as entries of runs or instructions, or under a bitmap.
  const stored: Stored = (count, nonZeros) => {
    if (nonZeros <= inC) return 0;
    return fewest < 8 ? Math.min((count * fewest) / 8, nonZeros) : Math.min(count, 2 * nonZeros, count / 8 + nonZeros);
  };
  return Math.floor(leastWeights(space, stored)) + BIAS_BYTES * space.classes;
}
