import type { Network } from '../../network/network.ts';
import { withoutChannels } from './channels.ts';
import { type Trace, traceChannels } from './trace.ts';

/** The network that training leaves of this one when it removes `share` of the channels; which channels they are does not show in it. */
export function withoutShare(network: Network, share: number): Network {
  if (share === 0) return network;
  const trace = traceChannels(network);
  const kept = leftOf(trace, share);
  const removed = new Set(trace.groups.flatMap((group, index) => group.slice(kept[index])));
  return withoutChannels(network, {}, trace, removed).network;
}

/** How many channels of each group of a network's trace stay when `share` of them are removed: at least one. */
export const channelsLeft = (network: Network, share: number): number[] => leftOf(traceChannels(network), share);

const leftOf = ({ groups }: Trace, share: number): number[] => groups.map(({ length }) => Math.max(1, length - Math.round(length * share)));
