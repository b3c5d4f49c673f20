import { generate } from '../../server/codegen/generate.ts';
import { findChip } from '../../server/device/find.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { compare, randomSamples } from '../../server/verify/compare.ts';
import { subjectOf } from '../../server/verify/harness.ts';
import { type Costs, simulatorOf } from '../../server/verify/simulator.ts';

/** What a network's C costs on the core of a chip; undefined where the tools for it are missing. */
export async function measureOnArm(network: QuantizedNetwork, chipName: string): Promise<Costs | undefined> {
  const chip = findChip(chipName)!;
  const simulator = simulatorOf(chip);
  if (simulator.missing !== undefined) {
    console.log(`${simulator.name}: ${simulator.missing}`);
    return undefined;
  }
  const plan = choosePlan(network.input.shape, network.stages, planTarget(chip));
  const subject = subjectOf('net', network);
  const run = await simulator.load(subject, generate('net', network, plan, { flashBytes: 0, classes: ['a'] }));
  const samples = randomSamples(10, subject.sampleBytes, 1);
  const { costs, ...answers } = await run(samples);
  if (compare(network, samples, answers).different > 0) throw new Error(`${simulator.name} answers otherwise than the interpreter`);
  return costs;
}
