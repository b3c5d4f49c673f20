import type { GeneratedFile } from '../codegen/generate.ts';
import { machineWithin } from '../codegen/machine.ts';
import type { Samples } from '../dataset/dataset.ts';
import type { Machine } from '../machine/machine.ts';
import { elements } from '../network/shape.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import type { Chip } from './chips.ts';
import { type Comparison, compare, randomSamples } from './compare.ts';
import { subjectOf } from './harness.ts';
import { type Answers, findHostCompiler, hasSanitizers, runOnHost, runProbed, SANITIZERS } from './host.ts';
import { proveWithoutCompiler } from './machine.ts';
import { locate, sampleAt } from './probe.ts';
import { type Costs, simulatorOf } from './simulator.ts';

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
  /** Measured where the chip was simulated. */
  readonly chip?: Costs & {
    /** Of the chip that was simulated, as the device table names it. */
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
  /** What the code is for; absent for a device of no name. */
  readonly chip?: Chip;
  /** Samples of each kind on the simulated chip; the host runs the whole test split. */
  readonly chipSamples?: number;
};

const HOST_RANDOM = 1000;
const SANITIZED = 100;
const CHIP_SAMPLES = 50;

/** Compiles and runs generated code wherever a compiler is found, and compares its answers with the interpreter's. */
export async function prove(options: ProofOptions): Promise<Proof> {
  const checks = [await attempt('this machine', () => onHost(options))];
  if (options.chip) {
    const { chip } = options;
    const { name, missing } = simulatorOf(chip);
    const machine = missing === undefined ? undefined : machineIn(options, chip);
    checks.push(
      machine
        ? await attempt(`${name}, the machine code of the C alone`, async () => onMachine(options, machine))
        : await attempt(name, () => onChip(options, chip)),
    );
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
  const located = async (found: Comparison, of: Uint8Array): Promise<Comparison> => {
    const inside = found.first && (await locate(network, name, files, sampleAt(network, of, found.first.sample), runProbed));
    return inside ? { ...found, first: { sample: found.first!.sample, ...inside } } : found;
  };
  const random = await located(compare(network, samples, part(answers, 0, HOST_RANDOM)), samples);
  const tested = test && { test: await located(compare(network, test.x, part(answers, HOST_RANDOM, test.count), test.labels), test.x) };
  const sanitized = (await hasSanitizers()) ? SANITIZED : undefined;
  if (sanitized) await runOnHost(subject, files, samples.subarray(0, sanitized * subject.sampleBytes), { flags: SANITIZERS });
  return { random, ...tested, ...(sanitized && { sanitized }) };
}

/** The machine code that stands in the C, if it is what the network's integers give and for the chip's core. */
function machineIn({ name, files, network }: ProofOptions, { architecture }: Chip): Machine | undefined {
  const machine = machineWithin(files.find(({ path }) => path === `${name}.c`)?.content ?? '', name, network);
  const isSmallArm = architecture === 'cortex-m0' || architecture === 'cortex-m0plus';
  return (machine?.core === 'thumb' ? isSmallArm : architecture === 'avr') ? machine : undefined;
}

/** Without a compiler the machine code is put together here; what the compiler would add to it is left out. */
function onMachine({ network, test, chipSamples = CHIP_SAMPLES }: ProofOptions, machine: Machine): Omit<Check, 'where'> {
  const count = Math.min(chipSamples, test?.count ?? 0);
  const tested = test && { x: test.x.subarray(0, count * elements(test.shape)), labels: test.labels.subarray(0, count) };
  const proof = proveWithoutCompiler(network, machine, { count: chipSamples, test: tested });
  return { random: proof.random, ...(proof.test && { test: proof.test }) };
}

function part({ classes, logits }: Answers, from: number, count: number): Answers {
  const each = logits.length / classes.length;
  return { classes: classes.subarray(from, from + count), logits: logits.subarray(from * each, (from + count) * each) };
}

async function onChip({ name, files, network, test, chipSamples = CHIP_SAMPLES }: ProofOptions, chip: Chip): Promise<Omit<Check, 'where'>> {
  const simulator = simulatorOf(chip);
  if (simulator.missing !== undefined) return { skipped: simulator.missing };
  const subject = subjectOf(name, network);
  const run = await simulator.load(subject, files);
  const random = randomSamples(chipSamples, subject.sampleBytes, 2);
  const { costs, ...answers } = await run(random);
  const checked = { random: compare(network, random, answers), chip: { ...costs, mcu: simulator.mcu } };
  if (!test) return checked;
  const count = Math.min(chipSamples, test.count);
  const samples = test.x.subarray(0, count * elements(test.shape));
  return { ...checked, test: compare(network, samples, await run(samples), test.labels.subarray(0, count)) };
}
