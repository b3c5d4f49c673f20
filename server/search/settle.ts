import type { Architecture, Block, Branch, ConvLayer, Genotype } from './genotype.ts';
import { type Space, within } from './space.ts';

/**
 * What a change to one gene asks of the others. A residual makes the two layers it bridges keep the map's shape, or goes where the space does not let them;
 * branches from blocks that are gone move or go.
 */
export function settle(genotype: Genotype, space: Space): Genotype {
  let channels = space.input.channels;
  const blocks = genotype.architecture.blocks.map((block) => {
    const settled = settleBlock(block, channels, space);
    channels = settled.layers[settled.layers.length - 1].filters;
    return settled;
  });
  const branches = settleBranches(genotype.architecture, space);
  return { ...genotype, architecture: { ...genotype.architecture, blocks, branches } };
}

/** Whether a layer's filters, stride and padding are not its own to choose. */
export const bridged = (block: Block, index: number): boolean => block.residual && index >= block.layers.length - 2;
export const bridgeEnd = (block: Block, index: number): boolean => block.residual && index === block.layers.length - 1;

function settleBlock(block: Block, channels: number, space: Space): Block {
  if (!block.residual) return block;
  const before = block.layers.length - 3;
  const filters = before >= 0 ? block.layers[before].filters : channels;
  const possible =
    space.residual && before >= -1 && within(filters, space.filters) && within(1, space.stride) && space.padding.includes('same');
  if (!possible) return { ...block, residual: false };
  const keep = (layer: ConvLayer): ConvLayer => ({ ...layer, stride: 1, padding: 'same' });
  const layers = block.layers.map((layer, index) => {
    if (bridgeEnd(block, index)) return { ...keep(layer), filters };
    return bridged(block, index) ? keep(layer) : layer;
  });
  return { ...block, layers };
}

function settleBranches({ blocks, branches }: Architecture, space: Space): Branch[] {
  const taken = new Set<number>();
  const free = () => [...blocks.keys(), blocks.length].find((place) => !taken.has(place));
  const kept: Branch[] = [];
  for (const branch of branches) {
    const sound = branch.from <= blocks.length && !taken.has(branch.from);
    const from = sound ? branch.from : kept.length < space.branches[0] ? free() : undefined;
    if (from === undefined) continue;
    taken.add(from);
    kept.push({ ...branch, from });
  }
  return kept.sort((a, b) => a.from - b.from);
}
