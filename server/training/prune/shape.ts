import type { Network } from '../../network/network.ts';
import { withoutChannels } from './channels.ts';
import { structuredSteps } from './steps.ts';
import { traceChannels } from './trace.ts';

/** The network that training will leave of this one when it removes `share` of the channels; which channels they are does not show in it. */
export function withoutShare(network: Network, share: number): Network {
  return structuredSteps(share).reduce((before, step) => {
    const trace = traceChannels(before);
    const removed = new Set(trace.groups.flatMap((group) => group.slice(0, Math.min(Math.round(group.length * step), group.length - 1))));
    return withoutChannels(before, {}, trace, removed).network;
  }, network);
}
