import { once } from '../network/once.ts';
import { elements, type Shape } from '../network/shape.ts';
import { type Stage, weightCount } from '../network/stage.ts';
import { encodeFor } from './encoding.ts';
import type { NonZeros } from './plan.ts';
import { intakeOf } from './stream.ts';
import { clippedHorizontally, isWrittenAsCode, liesApart, unrolledTaps } from './weights.ts';

/** How often each kind of step of the generated code is taken for one inference; cycles are a linear function of it. */
export const WORK = [
  ...['once', 'input bytes', 'input rows', 'streamed rows', 'window rows'],
  ...['code: products', 'code: taps', 'code: outputs', 'code: pixels'],
  ...[
    'table: products',
    'table: rounds',
    'table: kernel rows',
    'table: outputs',
    'table: pixels',
    'table: zero point',
    'border: pixels',
    'border: sums',
  ],
  ...['runs: products', 'runs: runs', 'runs: outputs', 'runs: pixels', 'runs: zero point'],
  ...['depthwise: products', 'depthwise: kernel rows', 'depthwise: outputs', 'depthwise: pixels'],
  ...['dense: products', 'dense: rounds', 'dense: sums', 'dense runs: products', 'dense runs: runs', 'dense: scaled', 'dense: calls'],
  ...['maxPool: taps', 'maxPool: kernel rows', 'maxPool: outputs'],
  ...['averagePool: taps', 'averagePool: kernel rows', 'averagePool: outputs'],
  ...['add: outputs', 'concat: outputs', 'relu: outputs'],
] as const;

type Step = (typeof WORK)[number];
type Work = { [step in Step]?: number };

/** A linear function of the counts. */
export function cyclesOf(cycles: { readonly [step in Step]?: number }, ...of: Parameters<typeof eachWork>): number {
  let sum = 0;
  for (const work of eachWork(...of)) for (const step in work) sum += work[step as Step]! * (cycles[step as Step] ?? 0);
  return sum;
}

/** The counts, in the order of `WORK`. */
export function workOf(...of: Parameters<typeof eachWork>): number[] {
  const total: Work = {};
  for (const work of eachWork(...of)) for (const step in work) total[step as Step] = (total[step as Step] ?? 0) + work[step as Step]!;
  return WORK.map((step) => total[step] ?? 0);
}

/** Of the network, and then of each stage. */
function eachWork(
  input: Shape,
  stages: readonly Stage[],
  streamed: number,
  nonZeros: NonZeros,
  inCode: (stage: Stage, nonZeros: number) => boolean = (stage) => isWrittenAsCode(stage),
): Work[] {
  let streamedRows = 0;
  for (let i = 0; i < streamed; i++)
    streamedRows += intakeOf(stages[i]) === 'fold' ? stages[i].inputShapes[0].height : stages[i].shape.height;
  const windowRows = stages.reduce((sum, { window }) => sum + (window?.rows ?? 0), 0);
  const works: Work[] = stages.map((stage, i) => {
    const left = nonZeros(stage);
    return workOfStage(stage, left, i < streamed, inCode(stage, left));
  });
  const rows = { 'input rows': input.height, 'streamed rows': streamedRows, 'window rows': windowRows };
  return [{ once: 1, 'input bytes': elements(input), ...rows }, ...works];
}

/** Cuts of the same stages are compared. */
function workOfStage(stage: Stage, nonZeros: number, streamed: boolean, inCode: boolean): Work {
  const known = worksOf(stage);
  const key = 4 * nonZeros + 2 * Number(streamed) + Number(inCode);
  const work = known.get(key) ?? stageWork(stage, nonZeros, streamed, inCode);
  known.set(key, work);
  return work;
}

const worksOf = once((_: Stage) => new Map<number, Work>());

function stageWork(stage: Stage, nonZeros: number, streamed: boolean, inCode: boolean): Work {
  const outputs = elements(stage.shape);
  const [input] = stage.inputShapes;
  switch (stage.op) {
    case 'add':
      return { 'add: outputs': outputs };
    case 'concat':
      return { 'concat: outputs': outputs };
    case 'relu':
      return { 'relu: outputs': outputs };
    case 'dense':
      return denseWork(stage, nonZeros, streamed);
    case 'conv2d':
      return convolutionWork(stage, nonZeros, inCode);
    case 'depthwise': {
      const { kernelRows, taps } = tapsOf(stage);
      return {
        ...{ 'depthwise: products': taps * input.channels, 'depthwise: kernel rows': kernelRows * stage.shape.width * input.channels },
        ...{ 'depthwise: outputs': outputs, 'depthwise: pixels': outputs / stage.shape.channels },
      };
    }
    case 'maxPool':
    case 'averagePool': {
      const { kernelRows, taps } = tapsOf(stage);
      return {
        [`${stage.op}: taps`]: taps * input.channels,
        [`${stage.op}: kernel rows`]: kernelRows * stage.shape.width * input.channels,
        [`${stage.op}: outputs`]: outputs,
      };
    }
  }
}

function denseWork(stage: Stage, nonZeros: number, streamed: boolean): Work {
  const [input] = stage.inputShapes;
  const units = stage.shape.channels;
  const runs = units * (streamed || encodeFor(stage, nonZeros).encoding === 'runs' ? input.height : 1);
  const scaled = stage.raw ? 0 : units;
  const calls = streamed ? input.height : 1;
  if (encodeFor(stage, nonZeros).encoding === 'runs')
    return { 'dense runs: products': nonZeros, 'dense runs: runs': runs, 'dense: scaled': scaled, 'dense: calls': calls };
  return {
    'dense: products': weightCount(stage),
    'dense: rounds': weightCount(stage) / unrolledTaps(stage),
    'dense: sums': runs,
    'dense: scaled': scaled,
    'dense: calls': calls,
  };
}

function convolutionWork(stage: Stage, nonZeros: number, inCode: boolean): Work {
  const { height, width, channels } = stage.shape;
  const pixels = height * width;
  const outputs = pixels * channels;
  const { kernelRows, taps, fullTaps } = tapsOf(stage);
  const fromInput = Number(stage.inputs[0] === 'input' && taps < fullTaps);
  if (inCode) {
    const groups = Math.ceil(channels / 4);
    return {
      'code: products': pixels * nonZeros,
      'code: taps': taps * stage.inputShapes[0].channels * groups,
      'code: outputs': outputs,
      'code: pixels': pixels,
    };
  }
  if (encodeFor(stage, nonZeros).encoding === 'runs') {
    const products = (pixels * nonZeros * taps) / fullTaps;
    return {
      'runs: products': products,
      'runs: runs': kernelRows * width * channels,
      'runs: outputs': outputs,
      'runs: pixels': pixels,
      'runs: zero point': products * fromInput,
    };
  }
  const products = taps * stage.inputShapes[0].channels * channels;
  const { kernelX } = stage.window!;
  const unrolled =
    clippedHorizontally(stage) && !liesApart(stage) ? 1 : Math.min(unrolledTaps(stage), kernelX * stage.inputShapes[0].channels);
  return {
    ...{ 'table: products': products, 'table: rounds': products / unrolled, 'table: kernel rows': kernelRows * width * channels },
    ...{
      'table: outputs': outputs,
      'table: pixels': pixels,
      'table: zero point': products * fromInput,
      ...(clippedHorizontally(stage) && { 'border: pixels': pixels, 'border: sums': kernelRows * width * channels }),
    },
  };
}

/** Taps of all windows that lie on the input, and kernel rows of one column of windows. */
function tapsOf(stage: Stage): { kernelRows: number; taps: number; fullTaps: number } {
  const { kernelY, kernelX, dilationY, dilationX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window!;
  const [input] = stage.inputShapes;
  const kernelRows = inside(rows, kernelY, dilationY, strideY, padTop, input.height);
  return {
    kernelRows,
    taps: kernelRows * inside(columns, kernelX, dilationX, strideX, padLeft, input.width),
    fullTaps: rows * kernelY * columns * kernelX,
  };
}

function inside(count: number, kernel: number, dilation: number, stride: number, before: number, size: number): number {
  let taps = 0;
  for (let i = 0; i < count; i++) {
    const first = i * stride - before;
    const above = Math.max(0, Math.ceil(-first / dilation));
    taps += Math.max(0, Math.min(kernel, Math.ceil((size - first) / dilation)) - above);
  }
  return taps;
}
