import { type GeneratedFile, generate } from '../codegen/generate.ts';
import { choosePlan } from '../plan/choose.ts';
import { predictCycles } from '../plan/cycles.ts';
import { predictFlash } from '../plan/flash.ts';
import type { Plan } from '../plan/plan.ts';
import { planTarget } from '../plan/target.ts';
import { modelToJson } from '../quantize/file.ts';
import { budgetOf, type Spec } from '../spec/spec.ts';
import { type Candidate, quantizedOf } from './candidate.ts';
import { goalOn, spendingFlash } from './price.ts';

/** A candidate's C, its model for `sparse verify`, and what the manifest says of them. */
export type Export = {
  readonly files: readonly GeneratedFile[];
  readonly plan: Plan;
  readonly flashBytes: number;
  readonly facts: ExportFacts;
};

export type ExportFacts = {
  readonly name: string;
  readonly chip: string;
  readonly candidate: number;
  readonly ramBytes: number;
  readonly stateBytes: number;
  readonly stackBytes: number;
  readonly flashBytes: number;
  /** Of an inference, where the chip's are predicted. */
  readonly cycles?: number;
  /** Of the int8 network, 0..1. */
  readonly validationAccuracy: number;
  readonly testAccuracy?: number;
  /** Of the spec, from the folder of the manifest. */
  readonly spec?: string;
};

export const modelPath = (name: string): string => `${name}.model.json`;

/** Everything that is written for a candidate. Pure: where it goes is another's concern. */
export function exportCandidate(spec: Pick<Spec, 'output' | 'target'>, candidate: Candidate, specPath?: string): Export {
  const { name } = spec.output;
  const { device } = spec.target;
  const { ramBytes: ramBudgetBytes } = budgetOf(spec);
  const quantized = quantizedOf(candidate);
  const target = planTarget(device);
  const plan = spendingFlash(choosePlan(quantized.input.shape, quantized.stages, target, goalOn(device)), device, quantized);
  const flashBytes = predictFlash(plan, target, quantized);
  const cycles = predictCycles(plan, target, quantized);
  const { classes, encoding } = candidate;
  const code = generate(name, quantized, plan, {
    ramBudgetBytes,
    flashBytes,
    classes,
    channels: encoding.channels,
  });
  const model = { path: modelPath(name), content: `${JSON.stringify(modelToJson(candidate.network, quantized))}\n` };
  const facts: ExportFacts = {
    name,
    chip: device.id,
    candidate: candidate.id,
    ramBytes: plan.ramBytes,
    stateBytes: plan.stateBytes,
    stackBytes: plan.stackBytes,
    flashBytes,
    ...(cycles !== undefined && { cycles }),
    validationAccuracy: candidate.accuracy,
    ...(candidate.testAccuracy !== undefined && { testAccuracy: candidate.testAccuracy }),
    ...(specPath && { spec: specPath }),
  };
  return { files: [...code, model], plan, flashBytes, facts };
}
