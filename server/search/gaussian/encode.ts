import type { WeightBits } from '../../network/network.ts';
import type { ConvLayer, Genotype } from '../genotype.ts';
import { smallest } from '../smallest.ts';
import { BITS, LEAST_RATE, type Range, type Space } from '../space.ts';
import type { Price } from '../trial.ts';
import type { Kinds, Point } from './arc.ts';

/** Turns genotypes of a space into points of the arc kernel: one dimension per gene, active where the genotype has it. */
export type Encoder = { readonly kinds: Kinds; encode(genotype: Genotype, price: Price): Point };

/** A gene's place: which kind it is of, and its value within 0..1, NaN where it is absent. */
type Gene = readonly [kind: Kind, value: number];

/** Genes of one kind share a length scale, so that tens of trials say something about it. */
const KINDS = [
  'counts',
  'input',
  'type',
  'kernel',
  'filters',
  'stride',
  'padding',
  'batchNorm',
  'bits',
  'pool',
  'residual',
  'branches',
  'head',
  'dense',
  'training',
  'pruning',
  'price',
] as const;
type Kind = (typeof KINDS)[number];

/**
 * Layers are compared by their place, block by block. What the price says of the whole network (multiplications, parameters, RAM) joins the genes: it is known before
 * training and tells how much a network can learn, which the genes say only together.
 */
export function createEncoder(space: Space): Encoder {
  const nothing = { macs: 0, size: 0, ramBytes: 0 };
  const layout = [...genesOf(smallest(space), space), ...priceGenes(nothing)];
  return {
    kinds: { count: KINDS.length, of: layout.map(([kind]) => KINDS.indexOf(kind)) },
    encode: (genotype, price) => Float64Array.from([...genesOf(genotype, space), ...priceGenes(price)], ([, value]) => value),
  };
}

function genesOf({ architecture, training, pruning }: Genotype, space: Space): Gene[] {
  const { blocks, branches, dense, denseBits, downsample, head } = architecture;
  const slots = Array.from({ length: space.blocks[1] }, (_, index) => blocks[index]);
  return [
    ['counts', linear(blocks.length, space.blocks)],
    ['input', linear(downsample?.size ?? 1, space.downsample)],
    ['input', downsample ? choice(downsample.type === 'max') : ABSENT],
    ['head', choice(head === 'flatten')],
    ['bits', coarseness(denseBits)],
    ['training', logarithmic(training.learningRate, space.learningRate)],
    ['training', logarithmic(training.weightDecay, space.weightDecay)],
    ['pruning', linear(pruning.structured, space.structured)],
    ['pruning', linear(pruning.unstructured, space.unstructured)],
    ...space.methods.map((method): Gene => ['pruning', choice(pruning.method === method)]),
    ...slots.flatMap((block): Gene[] => [
      ['counts', block ? linear(block.layers.length, space.layers) : ABSENT],
      ['residual', block ? choice(block.residual) : ABSENT],
      ['pool', block ? linear(block.pool?.size ?? 1, space.pool) : ABSENT],
      ['pool', block?.pool ? choice(block.pool.type === 'max') : ABSENT],
      ...Array.from({ length: space.layers[1] }, (_, index) => layerGenes(block?.layers[index], space)).flat(),
    ]),
    ...Array.from({ length: space.blocks[1] + 1 }, (_, from): Gene => {
      const branch = branches.find((each) => each.from === from);
      return ['branches', branch ? logarithmic(branch.units, space.units) : ABSENT];
    }),
    ...Array.from({ length: space.dense[1] }, (_, index): Gene => {
      return ['dense', index < dense.length ? logarithmic(dense[index], space.units) : ABSENT];
    }),
  ];
}

function layerGenes(layer: ConvLayer | undefined, space: Space): Gene[] {
  const value = (of: (layer: ConvLayer) => number) => (layer ? of(layer) : ABSENT);
  return [
    ...space.ops.map((type): Gene => ['type', value((layer) => choice(layer.type === type))]),
    ['type', layer?.reduction === undefined ? ABSENT : linear(layer.reduction, space.reduction)],
    ['kernel', value((layer) => linear(layer.kernel, space.kernel))],
    ['filters', value((layer) => logarithmic(layer.filters, space.filters))],
    ['stride', value((layer) => linear(layer.stride, space.stride))],
    ['padding', value((layer) => choice(layer.padding === 'same'))],
    ['batchNorm', value((layer) => choice(layer.batchNorm))],
    ['bits', value((layer) => coarseness(layer.bits))],
  ];
}

/** SpArSeMod's scale of sizes: their logarithm as a share of that of 1e8. */
const priceGenes = ({ macs, size, ramBytes }: Pick<Price, 'macs' | 'size' | 'ramBytes'>): Gene[] =>
  [macs, size, ramBytes].map((value) => ['price', Math.min(1, Math.log(value + 1) / Math.log(1e8))]);

const ABSENT = Number.NaN;
const choice = (holds: boolean): number => (holds ? 1 : 0);
/** 0 for 8 bits, 1 for ternary weights. */
const coarseness = (bits: WeightBits | undefined): number => (bits === undefined ? ABSENT : BITS.indexOf(bits) / (BITS.length - 1));
const linear = (value: number, [low, high]: Range): number => (high > low ? (value - low) / (high - low) : 0.5);
const logarithmic = (value: number, [low, high]: Range): number => {
  const [at, from, to] = [value, low, high].map((each) => Math.log(Math.max(each, LEAST_RATE)));
  return to > from ? (at - from) / (to - from) : 0.5;
};
