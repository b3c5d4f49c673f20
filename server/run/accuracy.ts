import type { DataSet } from '../dataset/dataset.ts';
import type { Network } from '../network/network.ts';
import { integerAccuracy } from '../quantize/interpreter.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { fitsFloats } from '../quantize/reach.ts';
import type { Engine } from '../training/engine.ts';
import { withoutBatchNorm } from '../training/quantized/fold.ts';

/**
 * The share of validation samples that the integer network gets right, 0..1. An engine that computes in integers tells it about a hundred times as fast as the interpreter, which takes over
 * where the engine cannot, where sums may come to more than its floats hold, or the network does not fit its memory. `network` is what was quantised.
 */
export function accuracyOf(
  engine: Engine,
  { validation, encoding }: Pick<DataSet, 'validation' | 'encoding'>,
  network: Network,
  integers: QuantizedNetwork,
): number {
  const session = engine.quantizes && fitsFloats(integers) ? openWithin(engine, network, encoding, integers) : undefined;
  if (!session) return integerAccuracy(integers, validation);
  const { accuracy } = session.evaluate(validation);
  session.close();
  return accuracy;
}

/** The engine computes a network whose batch norm is part of its weights, as the integers are. */
function openWithin(engine: Engine, whole: Network, encoding: DataSet['encoding'], integers: QuantizedNetwork) {
  const network = withoutBatchNorm(whole);
  try {
    return engine.open({ network, encoding, batch: 1, seed: 0, quantized: { integers, ranges: new Map() } });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
