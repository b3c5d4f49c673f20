import { INPUT } from '../network/network.ts';
import { inPixels } from '../plan/pixels.ts';
import type { Buffer, Plan, StagePlan, Sums } from '../plan/plan.ts';
import { encodingOf, type QuantizedNetwork, type QuantizedStage } from '../quantize/network.ts';
import { place } from './pixel/place.ts';

/** A tensor as the C code sees it. */
export type CTensor = {
  readonly name: string;
  /** Of a raw stage the type of its sums. */
  readonly type: string;
  /** Rows in its buffer: a ring when fewer than `height`. Where pixels are streamed, `pixels` takes its place. */
  readonly depth: number;
  /** Pixels in its buffer: a ring when fewer than the tensor has. */
  readonly pixels: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Elements of a row. */
  readonly row: number;
  readonly zeroPoint: number;
  /** No element is below zero. */
  readonly nonNegative: boolean;
  /** C expression of its first element, of the type above, where `state` points to the state. */
  readonly base: string;
};

/** All that a kernel's C is written from. */
export type StageContext = {
  readonly stage: QuantizedStage;
  readonly plan: StagePlan;
  readonly inputs: readonly CTensor[];
  readonly output: CTensor;
  /** What the C names of its functions and tables begin with: upper case, so that no public name is like it. */
  readonly symbol: string;
  /** C type of the state. */
  readonly state: string;
  /** C type of the running sums, and C of where they begin. */
  readonly sums: string;
  readonly running: string;
  /** Whether weights lie in as few bytes as they can. */
  readonly leastFlash: boolean;
};

export type ModuleContext = {
  /** Prefix of every public name, lower case. */
  readonly name: string;
  readonly network: QuantizedNetwork;
  readonly plan: Plan;
  readonly stages: readonly StageContext[];
  readonly input: CTensor;
};

/** C of the row that a dense layer takes as it is made, where the machine code keeps but a pixel of it. */
export const PASSED = 'passed';

export function moduleContext(name: string, network: QuantizedNetwork, plan: Plan): ModuleContext {
  const sumsOf = (stage: string): string =>
    sumsType(
      name,
      plan.sums.find((each) => each.stage === stage),
    );
  const isShared = plan.sums.some(({ phase }) => phase !== undefined);
  const tensor = (of: string): CTensor => {
    const stage = network.stages.find((each) => each.name === of);
    const { height, width, channels } = stage?.shape ?? network.input.shape;
    const shape = { name: of, height, width, channels, row: width * channels };
    const whole = { depth: height, pixels: height * width };
    if (stage?.raw) {
      return { ...shape, ...whole, type: sumsOf(of), zeroPoint: 0, nonNegative: false, base: runningOf(plan, of) };
    }
    const buffer = plan.buffers.find((each) => each.tensor === of)!;
    const depth = plan.unit === 'row' ? { ...whole, depth: buffer.depth } : { ...whole, pixels: buffer.depth };
    const encoding = encodingOf(network, of);
    const type = encoding.unsigned ? 'uint8_t' : 'int8_t';
    const base = baseOf(buffer, encoding.unsigned, isShared);
    const nonNegative = encoding.unsigned || (stage?.low ?? 0) >= 0;
    return { ...shape, ...depth, type, zeroPoint: encoding.zeroPoint, nonNegative, base };
  };
  const stages = network.stages.map((stage, i): StageContext => {
    const context = {
      stage,
      plan: plan.stages[i],
      inputs: stage.inputs.map(tensor),
      output: tensor(stage.name),
      symbol: `L_${stage.name}`,
      state: `${name}_state`,
      sums: sumsOf(stage.name),
      running: runningOf(plan, stage.name),
      leastFlash: plan.leastFlash ?? false,
    };
    return i < plan.streamed && plan.unit === 'pixel' && stage.op === 'dense' ? takingPixels(context) : context;
  });
  return { name, network, plan, stages, input: tensor(INPUT) };
}

/** C of where a stage's running sums begin: beside the arena, or within. */
function runningOf({ sums }: Plan, stage: string): string {
  const own = sums.find((each) => each.stage === stage);
  if (own?.phase === undefined) return `state->sum_${stage}`;
  return `state->shared.${own.offset! > 0 ? `of_${stage}.` : ''}sum_${stage}`;
}

/** C of where a tensor begins. */
function baseOf({ tensor, offset, isPassed, isOverSums }: Buffer, unsigned: boolean, isShared: boolean): string {
  if (isPassed) return PASSED;
  if (isOverSums && offset < 0) return `(int8_t *)state->sum_${tensor}`;
  const arena = isShared ? 'state->shared.arena' : 'state->arena';
  const at = offset === 0 ? arena : `${arena} + ${offset}`;
  if (unsigned) return at;
  return `(int8_t *)${offset === 0 ? at : `(${at})`}`;
}

/** A dense layer that takes pixel after pixel is one that takes rows of one pixel each, each as it is made. */
function takingPixels(context: StageContext): StageContext {
  const [input] = context.inputs;
  const pixels = { ...input, base: place(input), height: input.height * input.width, width: 1, row: input.channels };
  return { ...context, stage: inPixels(context.stage), inputs: [pixels] };
}

export const sumsType = (name: string, sums?: Sums): string => (sums?.width === 3 ? `${name}_sum` : `int${(sums?.width ?? 4) * 8}_t`);
