import type { Arithmetic, Layer, Network, WeightBits } from './network.ts';
import { isWeighted } from './stage.ts';

/** The network with so many bits for the weights of layers that do not say it themselves, and an arithmetic. */
export function withBits(network: Network, weightBits: WeightBits, { activationBits = 8, powerOfTwo = false }: Arithmetic = {}): Network {
  const ordinary = activationBits === 8 && !powerOfTwo;
  if (weightBits === 8 && ordinary) return network;
  const layers = network.layers.map(
    (layer): Layer => (isWeighted(layer) && layer.bits === undefined && weightBits !== 8 ? { ...layer, bits: weightBits } : layer),
  );
  return { ...network, layers, ...(!ordinary && { arithmetic: { activationBits, powerOfTwo } }) };
}

/** Whether its integers are fewer than those of 8 bits somewhere, so that it must be trained as quantised. */
export const isNarrow = ({ layers, arithmetic }: Network): boolean =>
  arithmetic?.activationBits === 4 || layers.some((layer) => isWeighted(layer) && layer.bits !== undefined && layer.bits !== 8);
