import type { Stage } from '../network/stage.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally, clippedVertically, unrolledTaps } from './weights.ts';

/** What a stage's stack frame is a linear function of, by its operation; whether weights lie in a table or in runs counts for little. */
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

/** What the size of a stage's code is a linear function of, by its operation. */
export const sizeFeatures = (stage: Stage, streamed: boolean): number[] => [
  ...frameFeatures(stage, streamed),
  stage.op === 'conv2d' || stage.op === 'dense' ? unrolledTaps(stage) : 0,
];

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
