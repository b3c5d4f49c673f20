import type { PlanTarget } from '../../plan/plan.ts';
import type { Space } from '../../search/space.ts';
import { stateFloor } from './streamed.ts';
import { leastLeft } from './ways.ts';

/** Bytes that no network of a space goes below, whatever its plan. */
export type Floor = { readonly ramBytes: number; readonly flashBytes: number };

/** A proof: of the state by what every plan must hold, of the stack by what machine code saves for the last layer alone. Stack that was fitted to what a compiler makes proves nothing. */
export const floorOf = (space: Space, target?: PlanTarget): Floor => ({
  ramBytes: Math.min(stateFloor(space, 'row'), stateFloor(space, 'pixel')) + (target?.leastStackBytes ?? 0),
  flashBytes: tableFloor(space) + (target?.leastFlashBytes ?? 0),
});

/** Weights in a byte: three values each, 243 together. */
const MOST_PACKED = 5;
/** Bytes of a bias, at least. */
const BIAS_BYTES = 2;

/** Non-zero weights and biases of the last dense layer alone. */
function tableFloor({ filters, units, classes, structured, unstructured }: Space): number {
  const inputs = Math.min(...[filters[0], units[0]].map((count) => leastLeft(count, structured[1])));
  const weights = Math.ceil(inputs * classes * (1 - unstructured[1]));
  return Math.floor(weights / MOST_PACKED) + BIAS_BYTES * classes;
}
