import type { Random } from '../../random.ts';
import type { Architecture, Block, ConvLayer, Genotype } from '../genotype.ts';
import { pick } from '../sample.ts';
import type { Space } from '../space.ts';

/** A small change of one gene; undefined where it does not apply. What it asks of other genes is settled afterwards. */
export type Morph = (genotype: Genotype, space: Space, random: Random) => Genotype | undefined;

export const withArchitecture = (genotype: Genotype, change: Partial<Architecture>): Genotype => ({
  ...genotype,
  architecture: { ...genotype.architecture, ...change },
});

export const withBlock = (genotype: Genotype, index: number, block: Block): Genotype =>
  withArchitecture(genotype, { blocks: genotype.architecture.blocks.with(index, block) });

/** Where a block, and a layer in it, stands. */
export type Place = { readonly block: Block; readonly blockIndex: number; readonly layer: ConvLayer; readonly layerIndex: number };

export function pickLayer(genotype: Genotype, random: Random, allowed: (place: Place) => boolean = () => true): Place | undefined {
  const places = genotype.architecture.blocks
    .flatMap((block, blockIndex) => block.layers.map((layer, layerIndex) => ({ block, blockIndex, layer, layerIndex })))
    .filter(allowed);
  return places.length > 0 ? pick(places, random) : undefined;
}

export const withLayer = (genotype: Genotype, { block, blockIndex, layerIndex }: Place, layer: ConvLayer): Genotype =>
  withBlock(genotype, blockIndex, { ...block, layers: block.layers.with(layerIndex, layer) });

/** Another of the choices than the present one. */
export function another<Choice>(choices: readonly Choice[], present: Choice, random: Random): Choice | undefined {
  const others = choices.filter((choice) => choice !== present);
  return others.length > 0 ? pick(others, random) : undefined;
}

export const wholeNumbers = ([low, high]: readonly [number, number]): number[] =>
  Array.from({ length: high - low + 1 }, (_, index) => low + index);
