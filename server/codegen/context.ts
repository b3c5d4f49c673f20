import { INPUT } from '../network/network.ts';
import type { Plan, StagePlan } from '../plan/plan.ts';
import { encodingOf, type QuantizedNetwork, type QuantizedStage } from '../quantize/network.ts';

/** A tensor as the C code sees it. */
export type CTensor = {
  readonly name: string;
  readonly type: 'int8_t' | 'uint8_t' | 'int32_t';
  /** Rows in its buffer: a ring when fewer than `height`. */
  readonly depth: number;
  readonly height: number;
  /** Elements of a row. */
  readonly row: number;
  readonly zeroPoint: number;
  /** No element is below zero. */
  readonly nonNegative: boolean;
  /** C expression of its first element, of the type above. */
  readonly base: string;
};

/** All that a kernel's C is written from. */
export type StageContext = {
  readonly stage: QuantizedStage;
  readonly plan: StagePlan;
  readonly inputs: readonly CTensor[];
  readonly output: CTensor;
};

export type ModuleContext = {
  /** Prefix of every public name, lower case. */
  readonly name: string;
  readonly network: QuantizedNetwork;
  readonly plan: Plan;
  readonly stages: readonly StageContext[];
  readonly input: CTensor;
};

export function moduleContext(name: string, network: QuantizedNetwork, plan: Plan): ModuleContext {
  const tensor = (of: string): CTensor => {
    const stage = network.stages.find((each) => each.name === of);
    const shape = stage?.shape ?? network.input.shape;
    const row = shape.width * shape.channels;
    if (stage?.raw)
      return {
        name: of,
        type: 'int32_t',
        depth: shape.height,
        height: shape.height,
        row,
        zeroPoint: 0,
        nonNegative: false,
        base: `state->sum_${of}`,
      };
    const buffer = plan.buffers.find((each) => each.tensor === of)!;
    const encoding = encodingOf(network, of);
    const at = buffer.offset === 0 ? 'state->arena' : `state->arena + ${buffer.offset}`;
    const type = encoding.unsigned ? 'uint8_t' : 'int8_t';
    const base = encoding.unsigned ? at : buffer.offset === 0 ? `(int8_t *)${at}` : `(int8_t *)(${at})`;
    const nonNegative = encoding.unsigned || (stage?.low ?? 0) >= 0;
    return { name: of, type, depth: buffer.depth, height: shape.height, row, zeroPoint: encoding.zeroPoint, nonNegative, base };
  };
  const stages = network.stages.map((stage, i) => ({
    stage,
    plan: plan.stages[i],
    inputs: stage.inputs.map(tensor),
    output: tensor(stage.name),
  }));
  return { name, network, plan, stages, input: tensor(INPUT) };
}
