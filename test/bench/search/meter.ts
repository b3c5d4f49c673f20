import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunState } from '../../../server/run/state.ts';

/**
 * The processor time of a search that has its process to itself, all threads together: unlike the clock's it hardly changes where others use the machine. In the
 * run's folder, a line [trials told, seconds since the trial before] for each trial; a trial begun by an earlier process counts from where this one took it up.
 */
const pathIn = (folder: string): string => join(folder, 'processor.jsonl');

/** Takes note whenever a trial was told. */
export function createMeter(folder: string, told: number): (state: RunState) => void {
  let [known, last] = [told, process.cpuUsage()];
  return ({ trials }) => {
    if (trials.length <= known) return;
    const { user, system } = process.cpuUsage(last);
    [known, last] = [trials.length, process.cpuUsage()];
    appendFileSync(pathIn(folder), `${JSON.stringify([known, (user + system) / 1e6])}\n`);
  };
}

/** Seconds from the beginning until each of the trials was told; undefined where one was not measured. */
export function processorSeconds(folder: string, trials: number): number[] | undefined {
  if (!existsSync(pathIn(folder))) return undefined;
  const lines = readFileSync(pathIn(folder), 'utf8').trimEnd().split('\n');
  const spent = new Map(lines.map((line): [number, number] => JSON.parse(line)));
  let sum = 0;
  const seconds = Array.from({ length: trials }, (_, index) => {
    sum += spent.get(index + 1) ?? Number.NaN;
    return sum;
  });
  return Number.isFinite(sum) ? seconds : undefined;
}
