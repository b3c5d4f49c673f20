import { hasWeights, type Stage, weightCount } from '../network/stage.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { isWrittenOut, keepsOutput, OUTPUT } from './code.ts';
import { groupsOf } from './groups.ts';
import { countOf } from './instruction.ts';
import { BESIDE_PAIRS, PAIRS, SAVED_BYTES } from './registers.ts';
import { storedOnThumb } from './stored.ts';
import { inBytes, LEAST_CHUNK, type Summing, stepOf, summingOf, tableBits, tabledOf } from './summing.ts';

type Unit = 'row' | 'pixel';

/** Whether a stage that is streamed takes its input piece by piece into running results. */
type Folds = (stage: Stage, unit: Unit) => boolean;

/** How weights are stored. */
export type Written = { readonly mostInCode: number; readonly leastFlash?: boolean };

/** What of a stage's place in a plan its stack frame depends on. */
type Run = {
  readonly isStreamed: boolean;
  readonly unit: Unit;
  readonly mostInCode: number;
  readonly leastFlash: boolean;
  readonly folds: Folds;
  readonly stages: readonly (Stage & Partial<QuantizedStage>)[];
};

/**
 * Stack of the push function at most, before weights are known: what it saves, and the words of its frame that single stages need. It
 * follows the kernels: `test/thumb/machine.test.ts` holds it against what they ask for.
 */
export function mostStack(
  stages: readonly Stage[],
  streamed: number,
  unit: Unit,
  { mostInCode, leastFlash = false }: Written,
  folds: Folds,
): number {
  const known = frames.get(stages) ?? new Map<string, Frames>();
  frames.set(stages, known);
  const key = `${unit} ${mostInCode} ${leastFlash}`;
  const { first, rest } = known.get(key) ?? framesOf({ unit, mostInCode, leastFlash, stages, folds });
  if (!known.has(key)) known.set(key, { first, rest });
  return SAVED_BYTES + 4 * countOf(STATE_WORD | first[streamed] | rest[streamed]);
}

/** Words, a bit each: those of the first so many stages streamed, and of the rest over whole tensors. */
type Frames = { readonly first: readonly number[]; readonly rest: readonly number[] };

/** By stages, for every cut asks. */
const frames = new WeakMap<readonly Stage[], Map<string, Frames>>();

function framesOf(run: Omit<Run, 'isStreamed'>): Frames {
  const first = [0];
  const rest = [0];
  for (const stage of run.stages) first.push(first[first.length - 1] | bitsOf(wordsOf(stage, { ...run, isStreamed: true })));
  for (const stage of [...run.stages].reverse()) rest.unshift(rest[0] | bitsOf(wordsOf(stage, { ...run, isStreamed: false })));
  return { first, rest };
}

const bitsOf = (words: readonly string[]): number => words.reduce((bits, word) => bits | bitOf(word), 0);

function bitOf(word: string): number {
  if (!names.includes(word)) names.push(word);
  return 1 << names.indexOf(word);
}

/** All words that were ever asked for. */
const names = ['state'];
const STATE_WORD = 1;

function wordsOf(stage: Stage & Partial<QuantizedStage>, run: Run): string[] {
  const words = stage.window ? windowWords(stage, run) : [];
  if (isInCode(stage, run)) return keepsOutput(stage.shape.channels) ? [...words, OUTPUT] : words;
  if (stage.op === 'concat' && (run.isStreamed ? run.unit === 'row' && stage.shape.width > 1 : stage.shape.width * stage.shape.height > 1))
    words.push('pixels');
  if (stage.op === 'dense' && run.isStreamed && run.unit === 'row' && mayTakePixels(stage, run)) words.push('piece');
  // Where weights are not known they may be written out.
  if (!stage.weights && stage.op === 'conv2d' && !mayHangOut(stage) && weightCount(stage) <= run.mostInCode) words.push(OUTPUT);
  for (const taps of stretchesOf(stage, run)) {
    const longest = mayHangOver(stage, run) ? Math.max(taps, stage.window!.kernelX * stage.inputShapes[0].channels) : taps;
    for (const summing of summingsOf(stage, run, taps)) {
      if (loops(stage.shape.channels, summing)) words.push('groups');
      if (summing.form === 'pairs' && !summing.isWhole && summing.chunk < longest) words.push('chunks');
    }
  }
  return words;
}

/** Whether it is known that a stage's products are written out. */
const isInCode = (stage: Stage & Partial<QuantizedStage>, run: Run): boolean =>
  stage.op === 'conv2d' &&
  weightCount(stage) <= run.mostInCode &&
  stretchesOf(stage, run).every((taps) =>
    summingsOf(stage, run, taps).every((summing) => summing.form !== 'runs' && isWrittenOut(stage, summing)),
  );

/** Whether a dense layer may take the pixels of the stage before it as they are made. */
function mayTakePixels({ inputs: [name] }: Stage, { stages, folds }: Pick<Run, 'stages' | 'folds'>): boolean {
  const maker = stages.find((each) => each.name === name);
  const readers = stages.filter(({ inputs }) => inputs.includes(name));
  if (!maker?.window || maker.shape.width === 1 || readers.length > 1 || folds(maker, 'row')) return false;
  const { strideX, dilationX, kernelX } = maker.window;
  return strideX === 1 || (!isClippedX(maker) && (dilationX === 1 || kernelX === 1));
}

function windowWords(stage: Stage, run: Run): string[] {
  const { isStreamed, unit, stages, folds } = run;
  const { kernelY, kernelX, dilationX, strideY, padTop, spanY, spanX, rows, columns } = stage.window!;
  const [input] = stage.inputShapes;
  const inPixels = isStreamed && unit === 'pixel';
  const isFolding = isStreamed && isPool(stage) && folds(stage, unit);
  const clippedY = !isFolding && (padTop > 0 || (rows - 1) * strideY - padTop + spanY > input.height);
  const clippedX = isClippedX(stage);
  const words: string[] = [];
  if (isFolding) words.push('fresh');
  if (isFolding && inPixels) {
    if (stage.op === 'averagePool' || stage.shape.height * stage.shape.width > 1) words.push('window');
    return words;
  }
  if (clippedY) words.push('first row');
  if (clippedY && kernelY > 1) words.push('tap row');
  if (!isFolding && kernelY > 1 && !isInCode(stage, run)) words.push('rows');
  const isShared = stages.filter(({ inputs }) => inputs.some((name) => stage.inputs.includes(name))).length > 1;
  if (isStreamed && !isFolding && ((spanY > 1 && (inPixels || rowsUnder(stage) < input.height)) || (inPixels && spanX > 1) || isShared))
    words.push('limit');
  if (clippedX) words.push('column');
  else if (!inPixels && columns > 1) words.push('columns');
  const isApart = clippedX || inPixels || isPool(stage) || stage.op === 'depthwise' || dilationX > 1;
  if (isApart && kernelX > 1 && !isInCode(stage, run)) words.push('tap column');
  if (!isStreamed && rows > 1) words.push('output rows');
  return words;
}

/** Rows of the input that lie under a window at once, at the most. */
function rowsUnder({ window, inputShapes: [input] }: Stage): number {
  const { strideY, padTop, spanY, rows } = window!;
  const firsts = Array.from({ length: rows }, (_, row) => row * strideY - padTop);
  return Math.max(...firsts.map((first) => Math.min(first + spanY, input.height) - Math.max(0, first)));
}

function mayHangOut(stage: Stage): boolean {
  if (!stage.window) return false;
  const { strideY, padTop, spanY, rows } = stage.window;
  return isClippedX(stage) || padTop > 0 || (rows - 1) * strideY - padTop + spanY > stage.inputShapes[0].height;
}

function isClippedX({ window, inputShapes: [input] }: Stage): boolean {
  const { padLeft, columns, strideX, spanX } = window!;
  return padLeft > 0 || (columns - 1) * strideX - padLeft + spanX > input.width;
}

const isPool = (stage: Stage): boolean => !hasWeights(stage);

/** Whether groups of channels are gone through in a loop. */
function loops(channels: number, summing: Summing): boolean {
  const [first, ...others] = groupsOf(channels, summing.most, stepOf(summing));
  return others.some((group) => group.length === first.length);
}

/** How the products of a stage may be summed up; how they are, where its weights are known. */
function summingsOf(stage: Stage & Partial<QuantizedStage>, run: Run, taps: number): Summing[] {
  if (!hasWeights(stage) && !stage.window) return [];
  const weights = storedOnThumb(stage, run.mostInCode, run.leastFlash);
  const table = inBytes(hasWeights(stage) ? tableBits(stage) : 8);
  if (stage.op !== 'conv2d' && stage.op !== 'dense') return [table];
  if (stage.weights) {
    const bits = weights === 'table' ? tableBits(stage) : 8;
    const task = { stage: { ...stage, weights: stage.weights }, inputs: [rangeOf(stage, run)], weights, bits };
    if (stage.op === 'dense') return [summingOf(task, taps)];
    return [tabledOf(task, taps, weightCount(stage) / stage.shape.channels, !mayHangOut(stage))];
  }
  const runs: Summing[] = stage.op === 'dense' ? [{ form: 'runs', most: 1 }] : [];
  if (weights !== 'code') return [table, ...runs];
  const pairs = { form: 'pairs', isCentred: true } as const;
  const all: Summing[] = [inBytes(8), ...runs, { ...pairs, most: 2 * PAIRS.length, chunk: taps, isWhole: true }];
  return taps < 2 * LEAST_CHUNK ? all : [...all, { ...pairs, most: BESIDE_PAIRS.length, chunk: LEAST_CHUNK, isWhole: false }];
}

/** What a stage's input can be. */
function rangeOf({ inputs: [name] }: Stage, { stages }: Run): { least: number; most: number } {
  const { low, high } = stages.find((each) => each.name === name) ?? { low: 0, high: 255 };
  return { least: low ?? -128, most: high ?? 255 };
}

/** Whether a whole kernel row of taps beyond the border may be weighed at once. */
const mayHangOver = (stage: Stage, run: Run): boolean => stage.window !== undefined && mayHaveZeroPoint(stage.inputs[0], run);

/** Whether a tensor is encoded as the network's input is: taps beyond the border are then its zero point. */
function mayHaveZeroPoint(name: string, run: Run): boolean {
  const maker = run.stages.find((each) => each.name === name);
  return !maker || (['maxPool', 'averagePool', 'relu'].includes(maker.op) && mayHaveZeroPoint(maker.inputs[0], run));
}

/** How many taps may lie side by side, and be visited at once. */
function stretchesOf(stage: Stage, { isStreamed, unit, stages, folds }: Run): number[] {
  const [{ height, width, channels }] = stage.inputShapes;
  if (!stage.window) {
    if (!isStreamed) return [height * width * channels];
    const inPixels = unit === 'pixel' || mayTakePixels(stage, { stages, folds });
    return [inPixels ? channels : width * channels];
  }
  const { kernelX, dilationX } = stage.window;
  if (isClippedX(stage) || (dilationX > 1 && kernelX > 1)) return [channels];
  // A ring of pixels is gone around one by one; what is kept as a whole is no ring.
  return isStreamed && unit === 'pixel' ? [channels, kernelX * channels] : [kernelX * channels];
}
