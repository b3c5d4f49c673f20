import type { Network } from '../../network/network.ts';
import type { Random } from '../../random.ts';
import type { SessionOptions, WeightForm } from '../engine.ts';
import type { Store } from '../store.ts';
import { bayesian } from './bayesian.ts';
import { feedback } from './feedback.ts';
import type { Form, Groups, Layout } from './form.ts';
import { variational } from './variational.ts';

const forms = { variational, bayesian, feedback } satisfies Record<WeightForm, (layout: Layout, random: Random) => Form>;

type Wanted = Pick<SessionOptions, 'form' | 'network'>;

/** None where weights are learned as they are. `buffer` is the arena's memory, with the mask of the weights. */
export function createForm({ form, network }: Wanted, store: Store, buffer: ArrayBuffer, random: Random): Form | undefined {
  const layers = store.places
    .filter(({ kind }) => kind === 'weight')
    .map(({ layer: name, first, packing }) => {
      const index = packing.index.map((at) => first + at);
      return { name, index, groups: groupsOf(network, name, index.length) };
    });
  const layout = { size: store.learned, layers, keep: new Int32Array(buffer, store.keep, store.learned) };
  return form && forms[form](layout, random);
}

/** Channels are the innermost extent of a depthwise weight and the outermost of a convolution's; a dense layer's inputs are the innermost. */
function groupsOf(network: Network, name: string, weights: number): Groups {
  const layer = network.layers.find((each) => each.name === name)!;
  if (layer.op === 'conv2d') return { count: layer.filters, of: (weight) => Math.floor(weight / (weights / layer.filters)) };
  if (layer.op === 'dense') return { count: weights / layer.units, of: (weight) => weight % (weights / layer.units) };
  return { count: 1, of: () => 0 };
}
