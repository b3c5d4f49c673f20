import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { search } from './real.ts';

/** How much sooner the same random trials of the drawn digits are done by two workers than by one; each is measured twice, in turns. */
export async function twoWorkers(trials: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-workers-'));
  try {
    const took = { one: 0, two: 0 };
    for (let round = 0; round < 2; round++) {
      took.one += await trying(join(folder, `one ${round}`), trials, 1);
      took.two += await trying(join(folder, `two ${round}`), trials, 2);
    }
    return took.one / took.two;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the first proposal until the last trial was told. */
async function trying(folder: string, trials: number, workers: number): Promise<number> {
  const { records } = await search({ folder, task: 'digits', variant: 'random', seed: 1, trials, workers });
  const times = records.filter((record) => record.type === 'asked' || record.type === 'told').map((record) => record.atMs);
  return times[times.length - 1] - times[0];
}
