import { Convolve, ConvolveWeights } from '../../../server/training/commands/convolve.ts';
import { Depthwise, DepthwiseUnstride, DepthwiseWeights } from '../../../server/training/commands/depthwise.ts';
import * as codes from '../../../server/training/commands/operations.ts';
import { buildProgram, type Listing } from '../../../server/training/program.ts';
import { openSession } from '../../../server/training/session.ts';
import { load, type Variant } from '../../../server/training/wasm.ts';
import { type NetworkName, networks } from './networks.ts';
import { noise } from './worker.ts';

/** Where the time of a step goes, by kind of work. */
export type Profile = {
  /** The largest share of the whole first. */
  readonly parts: readonly Part[];
  /** Multiplications and additions a second of the kernels that multiply by weights, over the whole time. */
  readonly operations: number;
};

/** `operations` a second while at it: 0 where nothing is multiplied by weights. */
export type Part = { readonly kind: string; readonly share: number; readonly operations: number };

const WARM_UP = 100;
const ROUNDS = 120;
const BLOCKS = 4;

/** Times each command of a training step of 64 samples on its own, in its place among the others. */
export function profile(name: NetworkName, variant: Variant): Profile {
  const network = networks[name];
  const options = { network, encoding: { zeroPoint: 128, deviation: 64 }, batch: 16 * BLOCKS, seed: 1 };
  const program = buildProgram(options);
  const kernels = load(variant, program);
  const session = openSession(program, kernels, options);
  const samples = noise(network.input, options.batch);
  const words = new Int32Array(kernels.buffer);
  const epoch = () => session.trainEpoch(samples, () => ({ learningRate: 1e-3, weightDecay: 0 }));
  const whole = fastest(timesOf(WARM_UP + ROUNDS, epoch));
  const commands = [
    ...commandsOf(program.prepare, words, 1),
    ...commandsOf(program.train, words, BLOCKS),
    ...commandsOf(program.reduce, words, 1),
    ...commandsOf(program.update, words, 1),
  ];
  const times = commands.map(() => new Float64Array(ROUNDS));
  const nothing = fastest(timesOf(ROUNDS, () => kernels.run({ at: 64, end: 64 })));
  for (let round = 0; round < ROUNDS; round++) {
    commands.forEach((command, i) => {
      const begin = performance.now();
      kernels.run(command);
      times[i][round] = performance.now() - begin;
    });
  }
  const totals = new Map<string, { time: number; operations: number }>();
  const add = (kind: string, time: number, operations: number) => {
    const before = totals.get(kind) ?? { time: 0, operations: 0 };
    totals.set(kind, { time: before.time + time, operations: before.operations + operations });
  };
  commands.forEach((command, i) => {
    add(command.kind, command.times * Math.max(0, fastest(times[i]) - nothing), command.times * command.operations);
  });
  const all = [...totals.values()];
  const sum = (of: (total: { time: number; operations: number }) => number) => all.reduce((before, each) => before + of(each), 0);
  add('outside of the kernels', Math.max(0, whole - sum(({ time }) => time)), 0);
  return {
    parts: [...totals]
      .map(([kind, { time, operations }]) => ({ kind, share: time / whole, operations: time > 0 ? (operations / time) * 1e3 : 0 }))
      .sort((a, b) => b.share - a.share),
    operations: (sum(({ operations }) => operations) / whole) * 1e3,
  };
}

type Timed = Listing & { readonly kind: string; readonly operations: number; readonly times: number };

/** The commands of a listing that are not passed over. */
function commandsOf({ at: begin, end }: Listing, words: Int32Array, times: number): Timed[] {
  const commands: Timed[] = [];
  for (let at = begin; at < end; ) {
    const [operation, count] = words.subarray(at >> 2);
    const next = at + 8 + 4 * count;
    const fields = words.subarray((at >> 2) + 2, next >> 2);
    const [flag, set, bytes] = fields;
    const skipping = operation === codes.SKIP;
    if (!skipping)
      commands.push({ at, end: next, times, kind: kindOf(operation, fields, words), operations: operationsOf(operation, fields) });
    at = next + (skipping && Number(words[flag >> 2] !== 0) === set ? bytes : 0);
  }
  return commands;
}

const KINDS: { readonly [operation: number]: string } = {
  [codes.DEPTHWISE]: 'depthwise',
  [codes.DEPTHWISE_UNSTRIDE]: 'depthwise',
  [codes.DEPTHWISE_WEIGHTS]: 'depthwise',
  [codes.MAX_POOL]: 'pool',
  [codes.MAX_POOL_GRADIENT]: 'pool',
  [codes.AVERAGE_POOL]: 'pool',
  [codes.AVERAGE_POOL_GRADIENT]: 'pool',
  [codes.SOFTMAX]: 'loss',
  [codes.GATHER]: 'gather',
  [codes.PERMUTE]: 'optimiser',
  [codes.REDUCE]: 'optimiser',
  [codes.ADAM]: 'optimiser',
  [codes.WINOGRAD_INPUT]: 'transforms',
  [codes.WINOGRAD_OUTPUT]: 'transforms',
  [codes.WINOGRAD_GRADIENT]: 'transforms',
  [codes.WINOGRAD_INPUT_GRADIENT]: 'transforms',
  [codes.WINOGRAD_WEIGHTS]: 'optimiser',
  [codes.WINOGRAD_WEIGHTS_GRADIENT]: 'optimiser',
};

/** A dense layer has one pixel; a pointwise one taps of other channels alone, which lie planes apart. */
function kindOf(operation: number, fields: Int32Array, words: Int32Array): string {
  if (KINDS[operation]) return KINDS[operation];
  const { rows, columns, kernelRows, rowTaps, taps } = convolutionOf(operation, fields);
  if (rows * columns === 1) return 'dense';
  const table = words.subarray(taps >> 2, (taps >> 2) + rowTaps);
  const apart = table.every((offset, i) => i === 0 || offset - table[i - 1] >= 64 * rows * columns);
  return kernelRows === 1 && rowTaps > 1 && apart ? 'pointwise' : 'convolution';
}

/** Of the kernels that multiply by weights; what lies outside of the map is not counted. */
function operationsOf(operation: number, fields: Int32Array): number {
  if (operation === codes.DEPTHWISE_UNSTRIDE) {
    const { channels, outputRows, outputColumns } = fieldsOf(new DepthwiseUnstride(), fields);
    return (2 * 16 * 9 * channels * outputRows * outputColumns) / 4;
  }
  if (!MULTIPLY.includes(operation)) return 0;
  const { rows, columns, kernelRows, rowTaps, stride, padTop, inputRows, channels } = convolutionOf(operation, fields);
  let taps = 0;
  for (let y = 0; y < rows; y++) {
    const inside = Math.min(kernelRows, inputRows + padTop - y * stride) - Math.max(0, padTop - y * stride);
    taps += Math.max(0, inside) * rowTaps * columns;
  }
  return 2 * 16 * channels * taps;
}

const MULTIPLY: readonly number[] = [codes.CONVOLVE, codes.CONVOLVE_WEIGHTS, codes.DEPTHWISE, codes.DEPTHWISE_WEIGHTS];

function convolutionOf(operation: number, fields: Int32Array) {
  if (operation === codes.CONVOLVE) return fieldsOf(new Convolve(), fields);
  if (operation === codes.CONVOLVE_WEIGHTS) return fieldsOf(new ConvolveWeights(), fields);
  return operation === codes.DEPTHWISE ? fieldsOf(new Depthwise(), fields) : fieldsOf(new DepthwiseWeights(), fields);
}

function fieldsOf<Command extends object>(command: Command, fields: Int32Array): Command {
  return Object.fromEntries(Object.keys(command).map((key, i) => [key, fields[i]])) as Command;
}

function timesOf(count: number, work: () => unknown): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
}

/** The least: what other programs on the machine take is not ours. */
function fastest(times: Float64Array): number {
  return times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
}
