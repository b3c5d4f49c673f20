import type { Parameters } from '../network/network.ts';
import { elements } from '../network/shape.ts';
import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import { outputChannel } from '../quantize/fold.ts';

/** The memory accounting of SpArSe (Fedorov et al., NeurIPS 2019): non-zeros, one byte each. It hides gather indices and the raw input. */
export type PaperCost = {
  /** Non-zero parameters, biases included. */
  readonly size: number;
  /** Largest over stages with weights of non-zero inputs + non-zero parameters. */
  readonly wm1: number;
  /** Largest over stages with weights of non-zero inputs + outputs. */
  readonly wm2: number;
};

/** What pruning left of a stage with weights. */
export type Survivors = {
  /** Input values that a surviving weight still reads, or that a layer without outputs still keeps. */
  readonly inputs: number;
  /** Output values that are left. */
  readonly outputs: number;
  /** Weights and biases that are left. */
  readonly parameters: number;
};

/** `survivors` by stage name; a stage that is not in it is dense. Biases of batch norm are folded, so they are not counted twice. */
export function paperCost(stages: readonly Stage[], survivors: { readonly [stage: string]: Survivors } = {}): PaperCost {
  let size = 0;
  let wm1 = 0;
  let wm2 = 0;
  for (const stage of stages) {
    if (!hasWeights(stage)) continue;
    const { inputs, outputs, parameters } = survivors[stage.name] ?? unpruned(stage);
    size += parameters;
    wm1 = Math.max(wm1, inputs + parameters);
    wm2 = Math.max(wm2, inputs + outputs);
  }
  return { size, wm1, wm2 };
}

const unpruned = (stage: Stage): Survivors => ({
  inputs: elements(stage.inputShapes[0]),
  outputs: elements(stage.shape),
  parameters: weightCount(stage) + stage.shape.channels,
});

/** Counts what the zeros in trained weights leave: an input value is read while any weight on it is not zero, a channel lives while any of its weights or its bias does. */
export function survivorsOf(stages: readonly Stage[], parameters: Parameters): { [stage: string]: Survivors } {
  return Object.fromEntries(stages.filter(hasWeights).map((stage) => [stage.name, count(stage, parameters[stage.name])]));
}

function count(stage: Stage, { weight, bias }: { readonly [tensor: string]: Float32Array }): Survivors {
  const [input] = stage.inputShapes;
  const inputs = new Set<number>();
  const outputs = new Set<number>();
  let parameters = 0;
  // Dense weights run over single inputs, convolutions over input channels: each of those stands for a whole map.
  const run = stage.op === 'dense' ? elements(input) : input.channels;
  weight.forEach((value, i) => {
    if (value === 0) return;
    parameters++;
    inputs.add(i % run);
    outputs.add(outputChannel(stage, weight.length, i));
  });
  bias.forEach((value, channel) => {
    if (value === 0) return;
    parameters++;
    outputs.add(channel);
  });
  return {
    inputs: inputs.size * (stage.op === 'dense' ? 1 : input.height * input.width),
    outputs: outputs.size * stage.shape.height * stage.shape.width,
    parameters,
  };
}
