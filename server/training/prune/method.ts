import type { DataSet } from '../../dataset/dataset.ts';
import type { Network, Parameters } from '../../network/network.ts';
import type { Session, WeightForm } from '../engine.ts';
import type { PruningMethod, PruningRecipe } from '../recipe.ts';
import { weakestChannels, withoutChannels } from './channels.ts';
import { clearWeights, pruneGroups, pruneNoisiest } from './noise.ts';
import { pruneWeights } from './weights.ts';

type Pruned = { readonly network: Network; readonly parameters: Parameters };

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
      return withoutChannels(network, parameters, trace, removed);
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
      return { network, parameters: pruneNoisiest(network, session.read(), required(session.logAlpha)(), unstructured) };
    },
  },

  bayesian: {
    form: 'bayesian',
    gradual: false,
    prune: pruneSmallest,
    end(session, network, { unstructured }, left, data) {
      const [parameters, logAlpha] = [session.read(), required(session.logAlpha)()];
      const measure = (each: Parameters) => {
        session.write(each);
        return session.evaluate(data.validation).accuracy;
      };
      const sparse = pruneGroups(network, parameters, logAlpha, measure);
      const { trace, removed } = weakestChannels(network, clearWeights(parameters, logAlpha), left);
      const smaller = withoutChannels(network, sparse, trace, removed);
      return { ...smaller, parameters: pruneWeights(smaller.network, smaller.parameters, unstructured) };
    },
  },
};

function pruneSmallest(session: Session, network: Network, sparsity: number): void {
  session.write(pruneWeights(network, session.read(), sparsity));
  session.freezeZeros();
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new RangeError('this engine cannot prune by that method');
  return part;
}
