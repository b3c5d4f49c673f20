import * as z from 'zod';
import { checkNetwork } from '../network/check.ts';
import type { Network } from '../network/network.ts';
import { networkSchema } from '../network/schema.ts';
import { hasWeights, lower, type Stage, weightCount } from '../network/stage.ts';
import { LARGEST_MULTIPLIER, LARGEST_SHIFT, WEIGHT_LEVELS } from './arithmetic.ts';
import type { QuantizedNetwork, QuantizedStage } from './network.ts';

const encoding = z.strictObject({ scale: z.number().positive(), zeroPoint: z.int().min(-128).max(255), unsigned: z.boolean() });
const integer = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const stageSchema = z.strictObject({
  encoding,
  low: integer,
  high: integer,
  /** Base64 of int8 values. */
  weight: z.base64().optional(),
  bias: z.array(integer).optional(),
  multipliers: z.array(z.int().min(0).max(LARGEST_MULTIPLIER)).optional(),
  shift: z.int().min(1).max(LARGEST_SHIFT).optional(),
});

export const modelSchema = z.strictObject({
  network: networkSchema,
  input: encoding,
  stages: z.record(z.string(), stageSchema),
});
/** A quantised network as plain JSON: the layers, and by stage the integers. */
export type ModelFile = z.infer<typeof modelSchema>;

export function modelToJson(network: Network, quantized: QuantizedNetwork): ModelFile {
  const stages = quantized.stages.map((stage) => [
    stage.name,
    {
      encoding: stage.encoding,
      low: stage.low,
      high: stage.high,
      ...(stage.weights && { weight: Buffer.from(stage.weights.weight.buffer).toString('base64'), bias: [...stage.weights.bias] }),
      ...(stage.rescale && { multipliers: [...stage.rescale.multipliers], shift: stage.rescale.shift }),
    },
  ]);
  return { network, input: quantized.input.encoding, stages: Object.fromEntries(stages) };
}

/** The network that was written; a RangeError says what does not fit together. `json` is what `JSON.parse` gave, whatever it is. */
export function modelFromJson(json: unknown): QuantizedNetwork {
  const parsed = modelSchema.safeParse(json);
  if (!parsed.success) throw new RangeError(`not a model: ${z.prettifyError(parsed.error).slice(0, 500)}`);
  const { network, input, stages } = parsed.data;
  const { faults } = checkNetwork(network);
  if (faults.length > 0) throw new RangeError(`not a sound network: ${faults[0].message}`);
  return { input: { shape: network.input, encoding: input }, stages: lower(network).map((stage) => restore(stage, stages[stage.name])) };
}

function restore(stage: Stage, written: z.infer<typeof stageSchema> | undefined): QuantizedStage {
  if (!written) throw new RangeError(`the model lacks stage ${stage.name}`);
  const { encoding, low, high, weight, bias, multipliers, shift } = written;
  const quantized = {
    ...stage,
    encoding,
    low,
    high,
    ...(weight !== undefined &&
      bias && { weights: { weight: Int8Array.from(Buffer.from(weight, 'base64')), bias: Int32Array.from(bias) } }),
    ...(multipliers && shift && { rescale: { multipliers: Int16Array.from(multipliers), shift } }),
  };
  const [least, most] = WEIGHT_LEVELS[stage.bits ?? 8];
  if (quantized.weights?.weight.some((each) => each < least || each > most))
    throw new RangeError(`a weight of stage ${stage.name} is not one of ${least}..${most}`);
  const expected = expectedLengths(stage);
  const found = [quantized.weights?.weight.length ?? 0, quantized.weights?.bias.length ?? 0, quantized.rescale?.multipliers.length ?? 0];
  if (expected.some((length, i) => length !== found[i]))
    throw new RangeError(
      `stage ${stage.name} holds ${found.join(', ')} weights, biases and multipliers; ${expected.join(', ')} are expected`,
    );
  return quantized;
}

/** Counts of weights, biases and multipliers. */
function expectedLengths(stage: Stage): [number, number, number] {
  const { channels } = stage.shape;
  if (hasWeights(stage)) return [weightCount(stage), channels, stage.raw ? 0 : channels];
  if (stage.op === 'averagePool') return [0, 0, 1];
  return [0, 0, stage.op === 'add' || stage.op === 'concat' ? stage.inputs.length : 0];
}
