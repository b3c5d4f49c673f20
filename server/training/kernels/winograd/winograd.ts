import { WinogradGradient, WinogradInput, WinogradInputGradient, WinogradOutput, WinogradWeights, WinogradWeightsGradient } from '../../commands/winograd';
import * as five from './five';
import * as three from './three';

/*
 * Winograd's products along rows (Winograd 1980; Lavin and Gray 2016): 4 outputs of a filter of 3 taps by 6 products instead of 12, of 5
 * taps by 8 instead of 20. With d the inputs of a tile, w the taps and y the outputs, y = A'((G w) * (B' d)); the gradients are those of
 * that expression: of d it is B((G w) * (A y)), of w it is G'((B' d) * (A y)). The points are 0, 1, -1, 2, -2, for 5 taps 1/2 and -1/2,
 * and infinity.
 */

/** B' d for every tile. */
export function winogradInput(c: WinogradInput): void {
  if (c.taps == 5) five.enter(c);
  else three.enter(c);
}

/** A' of every tile's products, with bias and ReLU. */
export function winogradOutput(c: WinogradOutput): void {
  if (c.taps == 5) five.leave(c);
  else three.leave(c);
}

/** A y for every tile of the output's gradient; adds that gradient up for the bias. */
export function winogradGradient(c: WinogradGradient): void {
  if (c.taps == 5) five.enterGradient(c);
  else three.enterGradient(c);
}

/** B of every tile's products: the input's gradient. */
export function winogradInputGradient(c: WinogradInputGradient): void {
  if (c.taps == 5) five.leaveGradient(c);
  else three.leaveGradient(c);
}

/** G w of every weight: `index` names the first of each filter row's taps; nothing where it is negative. */
export function winogradWeights(c: WinogradWeights): void {
  if (c.taps == 5) five.weights(c);
  else three.weights(c);
}

/** Adds G' of the sums, of four lanes each, to the sums of the weights' gradient, and clears them. */
export function winogradWeightsGradient(c: WinogradWeightsGradient): void {
  if (c.taps == 5) five.weightsGradient(c);
  else three.weightsGradient(c);
}
