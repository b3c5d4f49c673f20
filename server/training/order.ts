import type { Command } from './encode.ts';
import type { Step } from './operators/operator.ts';

/** Channels that are carried through a run of steps at a time: a tile of the convolution kernel. */
const TILE = 4;

/** Turns steps into commands; steps that follow each other channel by channel take turns, while their planes are in the cache. */
export function order(steps: readonly Step[]): Command[] {
  return runsOf(steps).flatMap((run) => {
    if (run.length === 1) return [run[0].part(0, run[0].channels)];
    const commands: Command[] = [];
    for (let first = 0; first < run[0].channels; first += TILE) {
      for (const step of run) commands.push(step.part(first, Math.min(TILE, step.channels - first)));
    }
    return commands;
  });
}

function runsOf(steps: readonly Step[]): Step[][] {
  const runs: Step[][] = [];
  for (const step of steps) {
    const run = runs[runs.length - 1];
    if (run && follows(run, step)) run.push(step);
    else runs.push([step]);
  }
  return runs;
}

const follows = (run: readonly Step[], step: Step): boolean =>
  step.reads !== undefined &&
  step.channels === run[0].channels &&
  run.some((earlier) => earlier.writes === step.reads || earlier.reads === step.reads);
