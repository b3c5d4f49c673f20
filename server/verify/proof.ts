import type { GeneratedFile } from '../codegen/generate.ts';
import type { Samples } from '../dataset/dataset.ts';
import { elements } from '../network/shape.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { compileForAvr, findAvrCompiler, runOnAvr } from './avr.ts';
import { ATMEGA328P, type AvrChip, simulatedAvr } from './chips.ts';
import { type Comparison, compare, randomSamples } from './compare.ts';
import { subjectOf } from './harness.ts';
import { type Answers, findHostCompiler, hasSanitizers, runOnHost, SANITIZERS } from './host.ts';

/** One way in which the code was run; `skipped` says why it was not. */
export type Check = {
  readonly where: string;
  readonly skipped?: string;
  /** Why the code did not run to its end: it does not compile, does what C leaves undefined, hangs, or does not fit. */
  readonly failed?: string;
  readonly test?: Comparison;
  readonly random?: Comparison;
  /** So many of the random inputs ran under address and undefined-behaviour sanitizers; absent where there are none. */
  readonly sanitized?: number;
  /** Measured where the chip was simulated, bytes and cycles. */
  readonly chip?: {
    readonly staticBytes: number;
    readonly stackBytes: number;
    readonly ramBytes: number;
    readonly flashBytes: number;
    readonly cycles: number;
    /** Of the chip that was simulated. */
    readonly mcu: string;
  };
};

/** Passed where at least one check was made and none found anything. */
export type Proof = { readonly checks: readonly Check[]; readonly passed: boolean };

export type ProofOptions = {
  readonly name: string;
  readonly files: readonly GeneratedFile[];
  readonly network: QuantizedNetwork;
  readonly test?: Samples;
  /** The plan's promise for the simulated chip; more is a failure. */
  readonly ramBytes: number;
  /** The AVR that the code is for, absent for other chips. One that is not simulated has the ATmega328P stand for it. */
  readonly mcu?: string;
  /** Samples of each kind on the simulated chip; the host runs the whole test split. */
  readonly chipSamples?: number;
};

const HOST_RANDOM = 1000;
const SANITIZED = 100;

/** Compiles and runs generated code wherever a compiler is found, and compares its answers with the interpreter's. */
export async function prove(options: ProofOptions): Promise<Proof> {
  const checks = [await attempt('this machine', () => onHost(options))];
  if (options.mcu !== undefined) {
    const chip = simulatedAvr(options.mcu) ?? ATMEGA328P;
    const standing = chip.mcu === options.mcu ? '' : `, in place of ${options.mcu}`;
    checks.push(await attempt(`simulated ${chip.name}${standing}`, () => onAvr(options, chip)));
  }
  const made = checks.filter(({ skipped }) => skipped === undefined);
  return { checks, passed: made.length > 0 && made.every((check) => isSound(check, options)) };
}

const isSound = ({ failed, test, random, chip }: Check, { ramBytes }: ProofOptions): boolean =>
  failed === undefined && [test, random].every((each) => !each || each.different === 0) && (!chip || chip.ramBytes <= ramBytes);

async function attempt(where: string, check: () => Promise<Omit<Check, 'where'>>): Promise<Check> {
  try {
    return { where, ...(await check()) };
  } catch (error) {
    return { where, failed: (error as Error).message };
  }
}

async function onHost({ name, files, network, test }: ProofOptions): Promise<Omit<Check, 'where'>> {
  if (!findHostCompiler()) return { skipped: 'no C compiler on the PATH (cc, gcc or clang)' };
  const subject = subjectOf(name, network);
  const samples = randomSamples(HOST_RANDOM, subject.sampleBytes, 1);
  const answers = await runOnHost(subject, files, test ? Buffer.concat([samples, test.x]) : samples);
  const random = compare(network, samples, part(answers, 0, HOST_RANDOM));
  const tested = test && { test: compare(network, test.x, part(answers, HOST_RANDOM, test.count), test.labels) };
  const sanitized = (await hasSanitizers()) ? SANITIZED : undefined;
  if (sanitized) await runOnHost(subject, files, samples.subarray(0, sanitized * subject.sampleBytes), { flags: SANITIZERS });
  return { random, ...tested, ...(sanitized && { sanitized }) };
}

function part({ classes, logits }: Answers, from: number, count: number): Answers {
  const each = logits.length / classes.length;
  return { classes: classes.subarray(from, from + count), logits: logits.subarray(from * each, (from + count) * each) };
}

async function onAvr({ name, files, network, test, chipSamples = 50 }: ProofOptions, avr: AvrChip): Promise<Omit<Check, 'where'>> {
  if (!findAvrCompiler()) return { skipped: 'avr-gcc is not on the PATH (Debian: apt-get install gcc-avr avr-libc)' };
  const subject = subjectOf(name, network);
  const elf = await compileForAvr(subject, files, avr);
  const random = randomSamples(chipSamples, subject.sampleBytes, 2);
  const run = runOnAvr(subject, elf, random, avr);
  const { staticBytes, stackBytes, ramBytes, flashBytes, cycles } = run;
  const checked = { random: compare(network, random, run), chip: { staticBytes, stackBytes, ramBytes, flashBytes, cycles, mcu: avr.mcu } };
  if (!test) return checked;
  const count = Math.min(chipSamples, test.count);
  const samples = test.x.subarray(0, count * elements(test.shape));
  return { ...checked, test: compare(network, samples, runOnAvr(subject, elf, samples, avr), test.labels.subarray(0, count)) };
}
