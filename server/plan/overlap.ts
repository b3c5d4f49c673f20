import type { Stage } from '../network/stage.ts';

/** Whether a stage over whole tensors may write its output over one of its inputs, element by element. */
export function mayOverwrite({ op, window }: Pick<Stage, 'op' | 'window'>): boolean {
  const pool = (op === 'maxPool' || op === 'averagePool') && window?.padTop === 0 && window.padLeft === 0;
  return pool || op === 'relu' || op === 'add';
}

/**
 * By how many bytes the output of a stage over whole tensors must begin before its input so that it may slide over the rows that are done
 * with: row r of it ends at `(r + 1) w c` at most, and no row below `stride r - padding` is read from then on. Undefined for stages that do
 * not go through their input row by row, or write in place.
 *
 * Depthwise convolutions plane by plane, each over its input, are no form of their own: of 600 random networks of a search that have one it would spare 8 some RAM, 0.1 % of all. Nor is a
 * concat whose inputs are written where they will lie: it would spare at most 42 of 600 that have one some, 1 % of all.
 */
export function leadOf(stage: Pick<Stage, 'op' | 'window' | 'raw' | 'inputShapes' | 'shape'>): number | undefined {
  if (!stage.window || stage.raw || mayOverwrite(stage)) return undefined;
  const { strideY, padTop, rows } = stage.window;
  const [input] = stage.inputShapes;
  const [rowIn, rowOut] = [input.width * input.channels, stage.shape.width * stage.shape.channels];
  let lead = 0;
  for (let row = 0; row < rows; row++) lead = Math.max(lead, (row + 1) * rowOut - Math.max(0, strideY * row - padTop) * rowIn);
  return lead;
}

/** Beyond so many stages over whole tensors that could slide none does: what each begins before its input adds up. */
const MOST_SLIDING = 4;

/** Whether the stages over whole tensors may slide over their inputs, when the first `streamed` are streamed. */
export function maySlide(stages: readonly Stage[], streamed: number): boolean {
  let able = 0;
  for (let i = streamed; i < stages.length && able <= MOST_SLIDING; i++) if (leadOf(stages[i]) !== undefined) able++;
  return able <= MOST_SLIDING;
}
