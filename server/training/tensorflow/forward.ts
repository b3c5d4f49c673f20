import { INPUT, type Network } from '../../network/network.ts';
import type { Maps, Tensor, Tensorflow } from './library.ts';
import { type Moments, normalise, normaliseBlocks } from './normalise.ts';
import { operateOf } from './operators.ts';

export type Mode = {
  /** Batch norm normalises by the moments of blocks, and shows them. Without it, by the running ones. */
  readonly train?: (layer: string, blocks: Moments) => void;
  /** Leaves out some of the inputs of dense layers. */
  readonly drop?: (map: Maps) => Maps;
  /** Shows each layer's output. */
  readonly layer?: (name: string, output: Maps) => void;
};

/** The parameters that a network computes with: those learned, and batch norm's running moments. */
export type Values = {
  variables(layer: string): { readonly [tensor: string]: Tensor };
  running(layer: string): Moments;
};

/** The logits [samples, classes]. */
export function forward(tf: Tensorflow, network: Network, values: Values, input: Maps, mode: Mode): Tensor {
  const maps = new Map([[INPUT, input]]);
  let output = input;
  for (const layer of network.layers) {
    const whole = layer.inputs.map((name) => maps.get(name)!);
    const inputs = layer.op === 'dense' && mode.drop ? whole.map(mode.drop) : whole;
    const parameters = values.variables(layer.name);
    if (layer.op !== 'batchNorm') output = operateOf(layer)(tf, layer as never, inputs, parameters);
    else if (!mode.train) output = normalise(tf, inputs[0], parameters as never, values.running(layer.name));
    else {
      const blocks = normaliseBlocks(tf, inputs[0], parameters as never);
      mode.train(layer.name, blocks.moments);
      output = blocks.output;
    }
    maps.set(layer.name, output);
    mode.layer?.(layer.name, output);
  }
  return tf.reshape(output, [input.shape[0], -1]);
}
