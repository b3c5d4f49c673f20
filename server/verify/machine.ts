import type { Machine } from '../machine/machine.ts';
import { createInterpreter } from '../quantize/interpreter.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { runBareAvr } from './bareavr.ts';
import { runBareThumb } from './barethumb.ts';
import { type Comparison, compare, randomSamples } from './compare.ts';
import type { Answers } from './host.ts';

/** What the machine code did on the simulated chip. */
export type MachineRun = Answers & {
  /** Of the slowest inference, calls included, without what its caller takes to deliver the input. */
  readonly cycles: number;
  /** The deepest stack of the functions, their return addresses included. */
  readonly stackBytes: number;
  /** Of the functions with their tables. */
  readonly codeBytes: number;
};

export type MachineProof = {
  readonly random: Comparison;
  readonly test?: Comparison;
  readonly run: MachineRun;
  readonly difference?: string;
};

/**
 * Proves a network's machine code without any compiler: it is put together here, run on the simulated chip over random inputs and those
 * given, and its answers are compared with the interpreter's. `difference` names the first that differs.
 */
export function proveWithoutCompiler(
  network: QuantizedNetwork,
  machine: Machine,
  { count = 50, test }: { count?: number; test?: { x: Uint8Array; labels?: Uint8Array } } = {},
): MachineProof {
  const { height, width, channels } = network.input.shape;
  const samples = randomSamples(count, height * width * channels, 2);
  const runMachine = machine.core === 'thumb' ? runBareThumb : runBareAvr;
  const run = runMachine(machine, samples);
  const random = compare(network, samples, run);
  const tested = test && { test: compare(network, test.x, runMachine(machine, test.x), test.labels) };
  const difference = random.different > 0 ? firstDifference(network, run, samples) : undefined;
  return { random, ...tested, run, ...(difference && { difference }) };
}

/** The first sample and logit that differ. */
function firstDifference(network: QuantizedNetwork, { logits }: Answers, samples: Uint8Array): string {
  const interpreter = createInterpreter(network);
  const { height, width, channels } = network.input.shape;
  const size = height * width * channels;
  const { name } = network.stages[network.stages.length - 1];
  for (let i = 0; i * size < samples.length; i++) {
    const expected = interpreter.run(samples.subarray(i * size, (i + 1) * size));
    const at = expected.findIndex((logit, k) => logits[i * expected.length + k] !== logit);
    if (at >= 0) return `${name}, element ${at} of random input ${i}: ${logits[i * expected.length + at]} in place of ${expected[at]}`;
  }
  return `the class, though all of ${name} is right`;
}
