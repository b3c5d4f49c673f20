import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { InputEncoding } from '../dataset/dataset.ts';
import { checkNetwork, inputShapes } from '../network/check.ts';
import type { Network, Parameters } from '../network/network.ts';
import { operatorOf } from '../network/operators/table.ts';
import { networkSchema } from '../network/schema.ts';
import { elements } from '../network/shape.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { quantize, type Ranges } from '../quantize/quantize.ts';

/** All that is needed to write a trained network's C, or to train it on. One file per candidate: `candidates/ID.json` in the run's folder. */
export type Candidate = {
  readonly id: number;
  readonly network: Network;
  readonly parameters: Parameters;
  readonly encoding: InputEncoding;
  readonly ranges: Ranges;
  readonly classes: readonly string[];
  /** Of the int8 network on the validation split, 0..1; on the test split once it was measured. */
  readonly accuracy: number;
  readonly testAccuracy?: number;
};

const LARGEST_FILE = 64 * 1024 * 1024;

const share = z.number().min(0).max(1);
const finite = z.array(z.number()).min(1).max(1024);
const candidateSchema = z.strictObject({
  version: z.literal(1),
  id: z.int().min(0),
  network: networkSchema,
  /** Base64 of float32 values, little-endian. */
  parameters: z.record(z.string(), z.record(z.string(), z.base64())),
  encoding: z.strictObject({
    zeroPoint: z.int().min(0).max(255),
    deviation: z.number().positive(),
    channels: z.strictObject({ offset: finite, scale: finite }).optional(),
  }),
  ranges: z.record(z.string(), z.tuple([z.number(), z.number()])),
  classes: z.array(z.string().max(200)).min(1).max(256),
  accuracy: share,
  testAccuracy: share.optional(),
});

export const candidatePath = (run: string, id: number): string => join(run, 'candidates', `${id}.json`);

export const quantizedOf = ({ network, parameters, encoding, ranges }: Candidate): QuantizedNetwork =>
  quantize(network, parameters, encoding, ranges);

/** Writes beside the final name first, so that a candidate is there whole or not at all. */
export function writeCandidate(run: string, candidate: Candidate): void {
  const path = candidatePath(run, candidate.id);
  mkdirSync(join(run, 'candidates'), { recursive: true });
  const json = {
    ...candidate,
    version: 1,
    parameters: mapTensors(candidate.parameters, encodeTensor),
    ranges: Object.fromEntries([...candidate.ranges].map(([name, { min, max }]) => [name, [min, max]])),
  };
  writeFileSync(`${path}.part`, JSON.stringify(json));
  renameSync(`${path}.part`, path);
}

/** Throws a RangeError that names the file where it is not a sound candidate. */
export function readCandidate(run: string, id: number): Candidate {
  const path = candidatePath(run, id);
  try {
    if (statSync(path).size > LARGEST_FILE) throw new RangeError(`larger than ${LARGEST_FILE} bytes`);
    const { version: _, ...json } = candidateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const parameters = mapTensors(json.parameters, decodeTensor);
    const ranges = new Map(Object.entries(json.ranges).map(([name, [min, max]]) => [name, { min, max }]));
    const candidate = { ...json, parameters, ranges };
    checkCandidate(candidate, id);
    return candidate;
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 300) : (error as Error).message;
    throw new RangeError(`${path} cannot be used: ${reason}`, { cause: error });
  }
}

type Tensors<Value> = { readonly [layer: string]: { readonly [tensor: string]: Value } };

const mapTensors = <From, To>(tensors: Tensors<From>, change: (value: From) => To): Tensors<To> =>
  Object.fromEntries(
    Object.entries(tensors).map(([layer, each]) => [
      layer,
      Object.fromEntries(Object.entries(each).map(([name, value]) => [name, change(value)])),
    ]),
  );

const encodeTensor = (values: Float32Array): string => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, i * 4);
  return bytes.toString('base64');
};

const decodeTensor = (text: string): Float32Array => {
  const bytes = Buffer.from(text, 'base64');
  const values = Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(i * 4));
  if (!values.every(Number.isFinite)) throw new RangeError('a parameter is not finite');
  return values;
};

/** That its parts fit together, and that its names can stand in C. */
function checkCandidate({ id, network, parameters, encoding, ranges, classes }: Candidate, wanted: number): void {
  const { faults, shapes } = checkNetwork(network);
  if (faults.length > 0) throw new RangeError(faults[0].message);
  if (id !== wanted) throw new RangeError(`it is candidate ${id}`);
  for (const layer of network.layers) {
    if (!IDENTIFIER.test(layer.name)) throw new RangeError(`layer ${JSON.stringify(layer.name)} cannot be named so in C`);
    if (!ranges.has(layer.name)) throw new RangeError(`there is no range of ${layer.name}`);
    const expected = operatorOf(layer).parameters(layer as never, inputShapes(layer, shapes));
    for (const [tensor, extents] of Object.entries(expected)) {
      const count = extents.reduce((product, extent) => product * extent, 1);
      const found = parameters[layer.name]?.[tensor]?.length ?? 0;
      if (found !== count) throw new RangeError(`${layer.name}.${tensor} holds ${found} values; ${count} are expected`);
    }
  }
  const outputs = elements(shapes.get(network.layers[network.layers.length - 1].name)!);
  if (outputs !== classes.length) throw new RangeError(`it tells ${outputs} classes apart, and names ${classes.length}`);
  for (const each of [encoding.channels?.offset, encoding.channels?.scale])
    if (each && each.length !== network.input.channels)
      throw new RangeError(`${each.length} channels are encoded of ${network.input.channels}`);
}

const IDENTIFIER = /^[A-Za-z]\w{0,199}$/;
