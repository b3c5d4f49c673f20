import type { WeightBits } from '../network/network.ts';
import type { Shape } from '../network/shape.ts';
import type { Padding } from '../network/window.ts';
import type { ConvType, Head, PoolType, PruningMethod } from './genotype.ts';

/** Both ends belong to it. */
export type Range = readonly [low: number, high: number];

/** What the search may propose. Counts and sizes are whole numbers. */
export type Space = {
  readonly input: Shape;
  readonly classes: number;
  /** Window of the pool on the input and after each block; 1 is none. */
  readonly downsample: Range;
  readonly pool: Range;
  readonly poolTypes: readonly PoolType[];
  readonly blocks: Range;
  /** Per block. */
  readonly layers: Range;
  readonly ops: readonly ConvType[];
  readonly kernel: Range;
  readonly filters: Range;
  readonly stride: Range;
  readonly padding: readonly Padding[];
  readonly reduction: Range;
  readonly batchNorm: readonly boolean[];
  readonly residual: boolean;
  readonly branches: Range;
  readonly heads: readonly Head[];
  /** Bits of weights to try; none where every network has what the spec says. */
  readonly bits: readonly WeightBits[];
  /** Number of hidden dense layers; their units and those of branches. */
  readonly dense: Range;
  readonly units: Range;
  /** On a logarithmic scale, where a low end of 0 stands for `LEAST_RATE`. */
  readonly learningRate: Range;
  readonly weightDecay: Range;
  /** Shares pruned away. */
  readonly structured: Range;
  readonly unstructured: Range;
  /** Ways of pruning to try; none where every network has what the spec says. */
  readonly methods: readonly PruningMethod[];
};

/** From the most to the fewest. */
export const BITS: readonly WeightBits[] = [8, 4, 2, 'ternary'];

/** Bounds that a user may narrow or widen; what is absent is the default's. */
export type Bounds = Partial<Omit<Space, 'input' | 'classes'>>;

/**
 * Blocks, layers, kernels and hidden dense layers are those that SpArSe's one published re-implementation coded, with a third block. Filters are narrower at both
 * ends, and less is pruned away, than there and in µNAS: on MNIST in 2 KB the best of 80 random draws, trained briefly, rises from 90 % to 97 % by that.
 */
export const defaultSpace = (input: Shape, classes: number): Space => ({
  input,
  classes,
  downsample: [1, 4],
  pool: [1, 3],
  poolTypes: ['max', 'average'],
  blocks: [1, 3],
  layers: [1, 3],
  ops: ['conv2d', 'separable', 'bottleneck'],
  kernel: [2, 5],
  filters: [4, 64],
  stride: [1, 2],
  padding: ['same', 'valid'],
  reduction: [2, 4],
  batchNorm: [false, true],
  residual: true,
  branches: [0, 1],
  heads: ['globalAverage', 'flatten'],
  bits: [],
  dense: [0, 2],
  units: [10, 200],
  learningRate: [1e-3, 2e-2],
  weightDecay: [1e-6, 1e-2],
  structured: [0, 0.5],
  unstructured: [0, 0.8],
  methods: [],
});

/** The default space with the user's bounds in place of its own. Faults are the user's to see. */
export function spaceOf(bounds: Bounds, input: Shape, classes: number): { space: Space; faults: string[] } {
  const given = Object.entries(bounds).filter(([, value]) => value !== undefined);
  const space: Space = { ...defaultSpace(input, classes), ...Object.fromEntries(given) };
  return { space, faults: spaceFaults(space) };
}

export function spaceFaults(space: Space): string[] {
  const ranges = Object.entries(LARGEST).flatMap(([name, allowed]) => {
    const [low, high] = space[name as keyof typeof LARGEST];
    if (!(low >= allowed[0] && high <= allowed[1]))
      return [`${name} must lie within ${allowed[0]} and ${allowed[1]}, not ${low} and ${high}`];
    if (!(low <= high)) return [`${name} runs from ${low} to ${high}: the first must not be larger`];
    if (!FRACTIONAL.has(name) && !(Number.isInteger(low) && Number.isInteger(high)))
      return [`${name} takes whole numbers, not ${low} and ${high}`];
    return [];
  });
  const choices = (['ops', 'padding', 'poolTypes', 'batchNorm', 'heads'] as const).filter((name) => space[name].length === 0);
  const crowded = space.branches[0] > space.blocks[0] + 1;
  return [
    ...ranges,
    ...choices.map((name) => `${name} allows nothing`),
    ...(crowded ? [`branches: ${space.blocks[0]} blocks have room for ${space.blocks[0] + 1}, not for ${space.branches[0]}`] : []),
  ];
}

const FRACTIONAL: ReadonlySet<string> = new Set(['learningRate', 'weightDecay', 'structured', 'unstructured']);

/** No bounds may go beyond these. */
export const LARGEST = {
  downsample: [1, 16],
  pool: [1, 16],
  blocks: [1, 6],
  layers: [1, 6],
  kernel: [1, 64],
  filters: [1, 1024],
  stride: [1, 16],
  reduction: [2, 64],
  branches: [0, 6],
  dense: [0, 4],
  units: [1, 4096],
  learningRate: [1e-6, 1],
  weightDecay: [0, 1],
  structured: [0, 0.99],
  unstructured: [0, 0.99],
} satisfies { [Name in keyof Space]?: Range };

/** What a rate's low end of 0 stands for. */
export const LEAST_RATE = 1e-9;

export const within = (value: number, [low, high]: Range): boolean => value >= low && value <= high;
