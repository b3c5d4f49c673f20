import { checkNetwork, inputShapes } from '../../network/check.ts';
import type { Layer, Network } from '../../network/network.ts';
import { operatorOf } from '../../network/operators/table.ts';
import type { Shape } from '../../network/shape.ts';
import type { Path } from '../problem.ts';
import type { Examined } from './examine.ts';
import type { LayerPrice, NetworkPrice } from './price.ts';

/** One entry of `network:` with what is known of the layers that it stands for. */
export type LayerLine = {
  readonly path: Path;
  readonly layers: readonly Layer[];
  /** Of the last of them. */
  readonly shape: Shape;
  readonly prices: readonly LayerPrice[];
  /** Without running statistics of batch norm, which are folded away. */
  readonly parameters: number;
  readonly macs: number;
};

/** The entries of the network that are sound, in order. */
export function layerLines({ parsed, price }: Examined): readonly LayerLine[] {
  const { network } = parsed.draft;
  if (!network) return [];
  const last = known.get(network);
  if (last && last.price === price && last.entries === parsed.layerEntries) return last.lines;
  const lines = readLines(network, parsed.layerEntries, price);
  known.set(network, { price, entries: parsed.layerEntries, lines });
  return lines;
}

/** The same network comes again with the next keystroke elsewhere, and with every question about it. */
const known = new WeakMap<Network, { price?: NetworkPrice; entries: readonly number[]; lines: readonly LayerLine[] }>();

function readLines(network: Network, entries: readonly number[], price: NetworkPrice | undefined): LayerLine[] {
  const { shapes } = checkNetwork(network);
  const count = (entries.at(-1) ?? -1) + 1;
  const rows = new Map((price?.layers ?? []).map((row) => [row.layer, row]));
  return Array.from({ length: count }, (_, entry) => {
    const layers = network.layers.slice(entries.indexOf(entry), entries.lastIndexOf(entry) + 1);
    return {
      path: ['network', entry],
      layers,
      shape: shapes.get(layers[layers.length - 1].name)!,
      prices: layers.flatMap(({ name }) => rows.get(name) ?? []),
      parameters: sum(layers.map((layer) => parametersOf(layer, inputShapes(layer, shapes)))),
      macs: sum(layers.map((layer) => operatorOf(layer).macs(layer as never, inputShapes(layer, shapes)))),
    };
  });
}

/** Is the whole of the written network sound? */
export function isWhole({ parsed }: Examined): boolean {
  const written = (parsed.source.value as { network?: unknown[] } | null)?.network;
  return Array.isArray(written) && written.length > 0 && parsed.layerEntries.at(-1) === written.length - 1;
}

function parametersOf(layer: Layer, inputs: readonly Shape[]): number {
  if (layer.op === 'batchNorm') return 0;
  const tensors = Object.values(operatorOf(layer).parameters(layer as never, inputs));
  return sum(tensors.map((extents) => extents.reduce((product, extent) => product * extent, 1)));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
