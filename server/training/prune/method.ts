import type { DataSet } from '../../dataset/dataset.ts';
import type { Network, Parameters } from '../../network/network.ts';
import type { Session, WeightForm } from '../engine.ts';
import type { PruningMethod, PruningRecipe } from '../recipe.ts';
import { weakestChannels, withoutChannels } from './channels.ts';
import { foldConstants } from './constant.ts';
import { clearWeights, pruneGroups, pruneNoisiest } from './noise.ts';
import { pruneWeights } from './weights.ts';

/** `moments` makes the optimiser's moments of the weights that were learned, of that power of the gradient, those of the parameters. */
type Pruned = {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly moments: (learned: Parameters, power: 1 | 2) => Parameters;
};

/** How a method prunes. */
export type Method = {
  /** The form in which weights are learned until pruning ends. */
  readonly form?: WeightForm;
  /** Channels go step by step. */
  readonly gradual: boolean;
  /** Channels are masked, together with weights, before they go at the end. */
  readonly masks?: boolean;
  /** Weights are to be pruned to this share, and where channels are masked so many of each group to be left. */
  prune?(session: Session, network: Network, sparsity: number, left: readonly number[]): void;
  /** When pruning ends: what is left, with the pruned weights zero. `left` channels of each group stay. */
  end?(session: Session, network: Network, pruning: PruningRecipe, left: readonly number[], data: DataSet): Pruned;
};

export const methods: { readonly [Name in PruningMethod]: Method } = {
  magnitude: { gradual: true, prune: pruneSmallest },

  feedback: {
    form: 'feedback',
    gradual: false,
    masks: true,
    prune: (session, _network, sparsity, left) => required(session.mask)(sparsity, left),
    end(session, network, _pruning, left) {
      const parameters = session.read();
      const { trace, removed } = weakestChannels(network, parameters, left);
      const smaller = (each: Parameters) => withoutChannels(network, each, trace, removed).parameters;
      return { ...withoutChannels(network, foldConstants(network, parameters, trace, removed), trace, removed), moments: smaller };
    },
  },

  variational: {
    form: 'variational',
    gradual: true,
    prune(session, network, sparsity) {
      session.write(pruneNoisiest(network, session.read(), required(session.logAlpha)(), sparsity));
      session.freezeZeros();
    },
    end(session, network, { unstructured }) {
      const parameters = pruneNoisiest(network, session.read(), required(session.logAlpha)(), unstructured);
      return { network, parameters, moments: (each) => each };
    },
  },

  bayesian: {
    form: 'bayesian',
    gradual: false,
    prune: pruneSmallest,
    end(session, network, { unstructured }, left, data) {
      const [parameters, logAlpha] = [session.read(), required(session.logAlpha)()];
      const learned = session.state?.().tensors.value;
      const measure = (each: Parameters) => {
        session.write(each);
        return session.evaluate(data.validation).accuracy;
      };
      const sparse = pruneGroups(network, parameters, logAlpha, measure);
      const { trace, removed } = weakestChannels(network, clearWeights(parameters, logAlpha), left);
      const smaller = withoutChannels(network, sparse, trace, removed);
      // What is read is the weight times its scale: its gradient is the learned one's divided by it.
      const moments = (each: Parameters, power: number) =>
        withoutChannels(network, learned ? divided(each, parameters, learned, power) : each, trace, removed).parameters;
      return { ...smaller, parameters: pruneWeights(smaller.network, smaller.parameters, unstructured), moments };
    },
  },
};

/** Divides by (read / learned)^power, where neither is zero. */
const divided = (moments: Parameters, read: Parameters, learned: Parameters, power: number): Parameters =>
  Object.fromEntries(
    Object.entries(moments).map(([layer, tensors]) => {
      if (!tensors.weight) return [layer, tensors];
      const ratio = (i: number) => read[layer].weight[i] / learned[layer].weight[i];
      const scaled = tensors.weight.map((value, i) =>
        Number.isFinite(1 / ratio(i)) && ratio(i) !== 0 ? value / ratio(i) ** power : value,
      );
      return [layer, { ...tensors, weight: scaled }];
    }),
  );

function pruneSmallest(session: Session, network: Network, sparsity: number): void {
  session.write(pruneWeights(network, session.read(), sparsity));
  session.freezeZeros();
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new RangeError('this engine cannot prune by that method');
  return part;
}
