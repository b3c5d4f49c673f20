import { INPUT } from '../network/network.ts';
import type { Stage } from '../network/stage.ts';
import { hasWeights } from '../network/stage.ts';
import { inputPair } from './join.ts';
import { FIRST_ROW, STATE, SUMS, TAP, TAP_COLUMN, TAP_ROW, WEIGHT, Y } from './registers.ts';

/**
 * How many registers the push function saves at most, before weights are known: those that every network needs, those of sums, and what
 * single stages need beside.
 */
export function mostSaved(stages: readonly Stage[], sumRegisters: number): number {
  const used = new Set([STATE, STATE + 1, TAP, WEIGHT, Y, Y + 1]);
  const add = (from: number, count: number) => {
    for (let i = 0; i < count; i++) used.add(from + i);
  };
  for (const stage of stages) {
    if (hasWeights(stage)) add(SUMS, Math.max(4, sumRegisters));
    else if (stage.window) {
      // Groups of channels are counted behind the eight registers of their results.
      add(SUMS, Math.max(4, Math.min(sumRegisters, 8)));
      add(SUMS + 8, 1);
    } else {
      add(SUMS, 4);
      add(inputPair(0), 2 * stage.inputs.length);
    }
    // Where a run begins.
    if (stage.op === 'conv2d' || stage.op === 'dense') add(SUMS + 6, 2);
    if (mayHangOver(stage)) for (const register of [FIRST_ROW, TAP_ROW, TAP_COLUMN]) used.add(register);
  }
  return used.size;
}

/** What it so counts for any network, which has logits. */
export const leastSaved = (sumRegisters: number): number => mostSaved([LOGITS as Stage], sumRegisters);

const LOGITS: Partial<Stage> = { op: 'dense', inputs: [INPUT], inputShapes: [{ height: 1, width: 1, channels: 1 }] };

const mayHangOver = ({ window, inputShapes: [input] }: Stage): boolean =>
  window !== undefined &&
  (window.padTop > 0 ||
    window.padLeft > 0 ||
    window.dilationX > 1 ||
    (window.rows - 1) * window.strideY + window.spanY > input.height ||
    (window.columns - 1) * window.strideX + window.spanX > input.width);
