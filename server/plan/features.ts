import { type Stage, type StageOp, weightCount } from '../network/stage.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally, clippedVertically, isWrittenAsCode, unrolledTaps } from './weights.ts';

/** How a stage's C is shaped, as far as its stack frame and its size depend on it: models are fitted for each shape. */
export type Form = 'code' | StageOp;

/** Whether the weights of the others lie in a table or in runs is left to pruning, and counts for little. */
export const formOf = (stage: Stage): Form => (isWrittenAsCode(stage) ? 'code' : stage.op);

/** What a stage's stack frame is a linear function of, by form. */
export function frameFeatures(stage: Stage, streamed: boolean): number[] {
  const { window, shape } = stage;
  const [input] = stage.inputShapes;
  const vertical = clippedVertically(stage);
  const horizontal = clippedHorizontally(stage);
  const folds = streamed && intakeOf(stage) === 'fold';
  return [
    1,
    Number(input.height > 1),
    Number(folds),
    Number(shape.channels === 1),
    Number(vertical),
    Number(horizontal),
    Number(vertical && horizontal),
    Number(window?.columns === 1),
    Number(window?.kernelX === 1),
    Number(window?.kernelY === 1),
    folds ? 0 : (window?.kernelY ?? 0),
    Number((window?.padTop ?? 0) > 0),
    Number((window?.padLeft ?? 0) > 0),
    Number(input.channels === 1),
    Number(stage.inputs.includes('input')),
    Number(stage.relu),
    Number(stage.raw),
    stage.inputs.length - 1,
  ];
}

/** What the size of a stage's code is a linear function of, by form. How much of weights as code is pruned is not known before training. */
export function sizeFeatures(stage: Stage, streamed: boolean): number[] {
  const inCode = isWrittenAsCode(stage);
  return [
    ...frameFeatures(stage, streamed),
    stage.op === 'conv2d' || stage.op === 'dense' ? unrolledTaps(stage) : 0,
    inCode ? weightCount(stage) : 0,
    inCode ? stage.shape.channels : 0,
    inCode ? Math.ceil(stage.shape.channels / 4) * stage.window!.kernelY : 0,
    inCode ? Math.ceil(stage.shape.channels / 4) * stage.window!.kernelY * stage.window!.kernelX * stage.inputShapes[0].channels : 0,
  ];
}

/** Of the functions that drive the streamed stages, and those that run over whole tensors. */
export function driverFeatures(stages: readonly Stage[], streamed: number): number[] {
  const first = stages.slice(0, streamed);
  const rest = stages.slice(streamed);
  const folding = first.filter((stage) => intakeOf(stage) === 'fold');
  const tall = Math.max(...stages.map((stage) => stage.inputShapes[0].height)) > 255;
  return [
    Number(streamed > 0),
    Number(rest.length > 0),
    first.length,
    folding.filter((stage) => stage.op === 'dense').length,
    folding.filter((stage) => stage.op === 'maxPool').length,
    folding.filter((stage) => stage.op === 'averagePool').length,
    first.reduce((sum, stage) => sum + stage.inputs.length - 1, 0),
    first.filter(clippedVertically).length,
    rest.length,
    rest.filter((stage) => stage.op !== 'dense' && stage.shape.height > 1).length,
    rest.reduce((sum, stage) => sum + stage.inputs.length - 1, 0),
    Number(tall),
  ];
}

/** Whether anything is there, rather than how much. */
export const driverFrameFeatures = (stages: readonly Stage[], streamed: number): number[] =>
  driverFeatures(stages, streamed).map((each) => Math.min(each, 2));
