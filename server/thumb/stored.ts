import { type Stage, weightCount } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { nonZeros } from '../quantize/nonzeros.ts';
import { tableBits } from './summing.ts';

/** Share of weights that are not zero below which a dense layer's runs are faster than a table of pairs. */
const FASTER = 0.15;
/** Share of a table's bytes below which runs, of two bytes for a weight, take less for certain. */
const SMALLER = 0.8;

/** How a stage's weights are stored: `code` where they are few enough to take space for speed, in pairs or written out. */
export function storedOnThumb(stage: Stage & Partial<QuantizedStage>, mostInCode: number, leastFlash = false): 'code' | 'table' | 'runs' {
  const count = weightCount(stage);
  const share = stage.weights ? nonZeros(stage.weights.weight) / count : 1;
  const isSmall = count <= mostInCode && !leastFlash;
  if (stage.op === 'dense' && (isSmall ? share < FASTER : 2 * share < (SMALLER * tableBits(stage)) / 8)) return 'runs';
  return count <= mostInCode ? 'code' : 'table';
}
