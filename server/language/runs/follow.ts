import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { journalPath } from '../../run/journal.ts';
import { type Holder, lockHolder } from '../../run/lock.ts';
import { createParser } from '../../run/parse.ts';
import { type RunState, reduce, unstarted } from '../../run/state.ts';

/** One run's journal, read as it grows. */
export type Follower = {
  /** Reads what has been added; true if the state or the process that holds the run is another than before. */
  update(): boolean;
  readonly state: RunState;
  /** The process that works on the run. */
  readonly holder?: Holder;
};

export function follow(folder: string): Follower {
  let parser = createParser();
  let [readBytes, reduced] = [0, 0];
  let state = unstarted;
  let holder: Holder | undefined;
  return {
    get state() {
      return state;
    },
    get holder() {
      return holder;
    },
    update() {
      const before = { state, pid: holder?.pid };
      holder = lockHolder(join(folder, 'lock'));
      const size = sizeOf(journalPath(folder));
      // A torn last line was cut off, or the journal is another one.
      if (size < readBytes) [parser, readBytes, reduced, state] = [createParser(), 0, 0, unstarted];
      if (size > readBytes) readBytes += readFrom(journalPath(folder), readBytes, parser.push);
      const { records } = parser.end();
      while (reduced < records.length) state = reduce(state, records[reduced++]);
      return state !== before.state || holder?.pid !== before.pid;
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readFrom(file: string, position: number, take: (bytes: Uint8Array) => void): number {
  const handle = openSync(file, 'r');
  try {
    const chunk = new Uint8Array(1 << 16);
    let total = 0;
    for (let read = readSync(handle, chunk, 0, chunk.length, position); read > 0; ) {
      take(chunk.slice(0, read));
      total += read;
      read = readSync(handle, chunk, 0, chunk.length, position + total);
    }
    return total;
  } finally {
    closeSync(handle);
  }
}
