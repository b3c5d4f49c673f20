import * as z from 'zod';
import { MOST_LAYERS } from '../network/check.ts';
import { networkSchema } from '../network/schema.ts';
import type { Genotype } from '../search/genotype.ts';
import { OBJECTIVES } from '../search/objective.ts';
import type { Price, Proposal, Trial } from '../search/trial.ts';

/** Readers refuse a journal of another version. */
export const FORMAT_VERSION = 1;

const count = z.int().min(0).max(1e12);
const size = z
  .int()
  .min(1)
  .max(1 << 24);
const amount = z.number().min(0).max(1e15);
const share = z.number().min(0).max(1);
const word = z.string().min(1).max(200);
const text = z.string().max(4000);
/** Milliseconds since 1970. */
const atMs = z.number().min(0).max(1e14);
const measures = z.record(word, z.number());

const pool = z.strictObject({ type: z.enum(['max', 'average']), size });
const padding = z.enum(['same', 'valid']);
const bits = z.literal([8, 4, 2, 'ternary']);
const convLayer = z.strictObject({
  type: z.enum(['conv2d', 'separable', 'bottleneck']),
  kernel: size,
  filters: size,
  stride: size,
  padding,
  batchNorm: z.boolean(),
  reduction: size.optional(),
  bits: bits.optional(),
});
const block = z.strictObject({ layers: z.array(convLayer).min(1).max(MOST_LAYERS), residual: z.boolean(), pool: pool.optional() });
const genotype: z.ZodType<Genotype> = z.strictObject({
  architecture: z.strictObject({
    downsample: pool.optional(),
    blocks: z.array(block).min(1).max(MOST_LAYERS),
    branches: z.array(z.strictObject({ from: count, units: size })).max(MOST_LAYERS),
    head: z.enum(['globalAverage', 'flatten']),
    dense: z.array(size).max(MOST_LAYERS),
    denseBits: bits.optional(),
  }),
  training: z.strictObject({ learningRate: amount, weightDecay: amount }),
  pruning: z.strictObject({
    structured: share,
    unstructured: share,
    method: z.enum(['magnitude', 'feedback', 'variational', 'bayesian']).optional(),
  }),
});

const price: z.ZodType<Price> = z.strictObject({
  ramBytes: amount,
  flashBytes: amount,
  size: amount,
  wm1: amount,
  wm2: amount,
  activations: amount.optional(),
  macs: amount,
  cycles: amount.optional(),
  latencyMs: amount.optional(),
});

const configuration = {
  id: count,
  genotype: genotype.optional(),
  network: networkSchema,
  price,
  parent: count.optional(),
  morph: word.optional(),
};
const proposal: z.ZodType<Proposal> = z.strictObject({ ...configuration, refused: count, duplicates: count });
const trial: z.ZodType<Trial> = z.discriminatedUnion('status', [
  z.strictObject({ ...configuration, durationMs: amount, status: z.literal('finished'), accuracy: share, measures: measures.optional() }),
  z.strictObject({ ...configuration, durationMs: amount, status: z.literal('failed'), reason: text }),
]);

const limits = z.partialRecord(z.enum(OBJECTIVES), amount);

/** What a run's results depend on, beside its spec. */
const setting = {
  /** The engine's variant. */
  engine: word,
  /** Of the programs that took part, by name. */
  versions: z.record(word, word),
  workers: z.int().min(1).max(4096),
  /** Where the search ends. */
  trials: count.optional(),
  timeMs: amount.optional(),
};

export const headerSchema = z.strictObject({
  type: z.literal('header'),
  version: z.literal(FORMAT_VERSION),
  atMs,
  name: word,
  /** SHA-256 of the spec's text, hexadecimal. */
  specHash: z.string().regex(/^[0-9a-f]{64}$/),
  seed: z.int(),
  strategy: word,
  objectives: z.array(z.enum(OBJECTIVES)).min(1).max(OBJECTIVES.length),
  limits,
  ...setting,
});

/** One line of a journal. */
export const recordSchema = z.discriminatedUnion('type', [
  headerSchema,
  z.strictObject({ type: z.literal('asked'), atMs, proposal }),
  z.strictObject({ type: z.literal('told'), atMs, trial }),
  /** Draws given up without a proposal: the strategy was exhausted. */
  z.strictObject({ type: z.literal('refused'), atMs, refused: count, duplicates: count }),
  z.strictObject({ type: z.literal('interrupted'), atMs, reason: text }),
  /** Another process goes on; what was asked and not told is tried again. */
  z.strictObject({ type: z.literal('resumed'), atMs, ...setting }),
  /** `chosen` is a trial's id; absent where none was within the limits. */
  z.strictObject({ type: z.literal('finished'), atMs, chosen: count.optional(), reason: text, measures: measures.optional() }),
  z.strictObject({ type: z.literal('failed'), atMs, reason: text }),
]);

export type Header = z.infer<typeof headerSchema>;
export type JournalRecord = z.infer<typeof recordSchema>;
