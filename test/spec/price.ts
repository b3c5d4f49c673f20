import { checkNetwork } from '../../server/network/check.ts';
import type { Network } from '../../server/network/network.ts';
import { formatShape } from '../../server/network/shape.ts';
import type { NetworkPrice } from '../../server/spec/features/price.ts';

/** A price that can be worked out by heart: 100 B of RAM per output channel while a layer runs, and 4 KB of flash. ReLU is fused. */
export const fakePrice = (network: Network): NetworkPrice => {
  const { shapes } = checkNetwork(network);
  const layers = network.layers
    .filter(({ op }) => op !== 'relu')
    .map(({ name }) => {
      const shape = shapes.get(name)!;
      return { layer: name, shape: formatShape(shape), bufferBytes: 10 * shape.channels, liveBytes: 100 * shape.channels, form: 'whole' };
    });
  const peak = layers.reduce((worst, each) => (each.liveBytes > worst.liveBytes ? each : worst));
  return { ramBytes: peak.liveBytes, flashBytes: 4096, peak: peak.layer, layers };
};
