import * as z from 'zod';
import { MOST_LAYERS } from './check.ts';
import type { Network } from './network.ts';

const word = z.string().min(1).max(200);
const size = z
  .int()
  .min(1)
  .max(1 << 24);
const named = { name: word, inputs: z.array(word).min(1).max(MOST_LAYERS) };
const pair = z.tuple([size, size]);
const weighted = { bits: z.literal([8, 4, 2, 'ternary']).optional() };
const dilated = { dilation: pair.optional() };
const windowed = { ...named, kernel: pair, stride: pair, padding: z.enum(['same', 'valid']) };

const layer = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('conv2d'), ...windowed, ...dilated, ...weighted, filters: size }),
  z.strictObject({ op: z.literal('depthwise'), ...windowed, ...dilated, ...weighted }),
  z.strictObject({ op: z.literal(['maxPool', 'averagePool']), ...windowed }),
  z.strictObject({ op: z.literal('relu'), ...named, max: z.number().positive().optional() }),
  z.strictObject({ op: z.literal('dense'), ...named, ...weighted, units: size }),
  z.strictObject({ op: z.literal(['globalMaxPool', 'globalAveragePool', 'batchNorm', 'add', 'concat', 'flatten']), ...named }),
]);

/** A network read from a file: well-formed, not yet sound. */
export const networkSchema: z.ZodType<Network> = z.strictObject({
  input: z.strictObject({ height: size, width: size, channels: size }),
  layers: z.array(layer).min(1).max(MOST_LAYERS),
  arithmetic: z.strictObject({ activationBits: z.literal([8, 4]).optional(), powerOfTwo: z.boolean().optional() }).optional(),
});
