import { dirname } from 'node:path';
import { latestRun } from '../run/folder.ts';
import type { LastRun } from '../spec/features/lens.ts';
import { type Follower, follow } from './runs/follow.ts';
import { summarise } from './runs/summary.ts';

const MOST_FOLLOWED = 16;

/** The newest run of a spec; its journal is read on from where it was read to the last time. */
export function createLastRun(): (file: string, name: string) => LastRun | undefined {
  const followed = new Map<string, Follower>();
  return (file, name) => {
    const folder = latestRun(dirname(file), name);
    if (folder === undefined) return undefined;
    const journal = followed.get(folder) ?? follow(folder);
    followed.delete(folder);
    followed.set(folder, journal);
    if (followed.size > MOST_FOLLOWED) followed.delete(followed.keys().next().value!);
    journal.update();
    return journal.state.header ? summarise(folder, file, journal.state, journal.holder, Date.now()) : undefined;
  };
}
