import type { GeneratedFile } from '../codegen/generate.ts';
import type { Samples } from '../dataset/dataset.ts';
import { elements } from '../network/shape.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { ATMEGA328P, compileForAvr, findAvrCompiler, runOnAvr } from './avr.ts';
import { type Comparison, compare, randomSamples } from './compare.ts';
import { subjectOf } from './harness.ts';
import { findHostCompiler, runOnHost } from './host.ts';

/** One way in which the code was run; `skipped` says why it was not. */
export type Check = {
  readonly where: string;
  readonly skipped?: string;
  readonly test?: Comparison;
  readonly random?: Comparison;
  /** Measured where the chip was simulated, bytes and cycles. */
  readonly chip?: {
    readonly staticBytes: number;
    readonly stackBytes: number;
    readonly ramBytes: number;
    readonly flashBytes: number;
    readonly cycles: number;
  };
};

export type Proof = { readonly checks: readonly Check[]; readonly passed: boolean };

export type ProofOptions = {
  readonly name: string;
  readonly files: readonly GeneratedFile[];
  readonly network: QuantizedNetwork;
  readonly test?: Samples;
  /** The plan's promise for the simulated chip; more is a failure. */
  readonly ramBytes: number;
  readonly avr: boolean;
  /** Samples of each kind on the simulated chip; the host runs the whole test split. */
  readonly chipSamples?: number;
};

const HOST_RANDOM = 1000;

/** Compiles and runs generated code wherever a compiler is found, and compares its answers with the interpreter's. */
export async function prove(options: ProofOptions): Promise<Proof> {
  const checks = [await onHost(options), ...(options.avr ? [await onAvr(options)] : [])];
  const failed = (check: Check) =>
    [check.test, check.random].some((each) => each && each.different > 0) || (check.chip && check.chip.ramBytes > options.ramBytes);
  return { checks, passed: !checks.some(failed) };
}

async function onHost({ name, files, network, test }: ProofOptions): Promise<Check> {
  const where = 'this machine';
  if (!findHostCompiler()) return { where, skipped: 'no C compiler on the PATH (cc, gcc or clang)' };
  const subject = subjectOf(name, network);
  const random = randomSamples(HOST_RANDOM, subject.sampleBytes, 1);
  const checked = { where, random: compare(network, random, await runOnHost(subject, files, random)) };
  return test ? { ...checked, test: compare(network, test.x, await runOnHost(subject, files, test.x), test.labels) } : checked;
}

async function onAvr({ name, files, network, test, chipSamples = 50 }: ProofOptions): Promise<Check> {
  const where = 'simulated ATmega328P';
  if (!findAvrCompiler()) return { where, skipped: 'avr-gcc is not on the PATH (Debian: apt-get install gcc-avr avr-libc)' };
  const subject = subjectOf(name, network);
  const elf = await compileForAvr(subject, files, ATMEGA328P);
  const random = randomSamples(chipSamples, subject.sampleBytes, 2);
  const run = runOnAvr(subject, elf, random, ATMEGA328P);
  const { staticBytes, stackBytes, ramBytes, flashBytes, cycles } = run;
  const checked = { where, random: compare(network, random, run), chip: { staticBytes, stackBytes, ramBytes, flashBytes, cycles } };
  if (!test) return checked;
  const count = Math.min(chipSamples, test.count);
  const samples = test.x.subarray(0, count * elements(test.shape));
  return { ...checked, test: compare(network, samples, runOnAvr(subject, elf, samples, ATMEGA328P), test.labels.subarray(0, count)) };
}
