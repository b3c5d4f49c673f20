import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acquireLock, type Holder, isHolder, type Lock } from './lock.ts';
import { createParser, type Journal, LONGEST_LINE } from './parse.ts';
import { type Header, type JournalRecord, recordSchema } from './record.ts';

/** `record`: what was appended survives a power cut as soon as append returns. `close`: only a crash of the process. */
export type Durability = 'record' | 'close';

/** The journal of a run, held by this process alone. Each record is one line of JSON. */
export type JournalWriter = {
  append(record: JournalRecord): void;
  /** Gives the run free. */
  close(): void;
};

export const journalPath = (folder: string): string => join(folder, 'journal.jsonl');
const lockPath = (folder: string): string => join(folder, 'lock');

/** Begins a run in a folder that is made where it is absent. A folder that has a journal already is a bug of the caller. */
export function beginJournal(folder: string, header: Header, durability: Durability = 'record'): JournalWriter | Holder {
  mkdirSync(folder, { recursive: true });
  const lock = acquireLock(lockPath(folder));
  if (isHolder(lock)) return lock;
  return releasedOnError(lock, () => {
    const writer = write(openSync(journalPath(folder), 'ax', 0o644), 0, durability, lock);
    writer.append(header);
    syncFolder(folder);
    return writer;
  });
}

/** Goes on with a run: cuts off a torn last line and appends from there. `refused` says why the journal cannot be gone on with. */
export function resumeJournal(
  folder: string,
  durability: Durability = 'record',
): { writer: JournalWriter; journal: Journal } | Holder | { refused: string } {
  const before = readJournal(folder);
  if (before.refused !== undefined) return { refused: before.refused };
  const lock = acquireLock(lockPath(folder));
  if (isHolder(lock)) return lock;
  return releasedOnError(lock, () => {
    const journal = readJournal(folder);
    const file = openSync(journalPath(folder), 'a');
    ftruncateSync(file, journal.wholeBytes);
    return { writer: write(file, journal.wholeBytes, durability, lock), journal };
  });
}

/** What a run has written so far, also while it writes. */
export function readJournal(folder: string): Journal {
  const parser = createParser();
  let file: number;
  try {
    file = openSync(journalPath(folder), 'r');
  } catch (error) {
    return { ...parser.end(), refused: `${journalPath(folder)} cannot be read: ${(error as Error).message}` };
  }
  try {
    const chunk = Buffer.alloc(1 << 16);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) parser.push(chunk.subarray(0, read));
    return parser.end();
  } finally {
    closeSync(file);
  }
}

function write(file: number, startBytes: number, durability: Durability, lock: Lock): JournalWriter {
  let wholeBytes = startBytes;
  let open = true;
  return {
    append(record) {
      if (!open) throw new Error('the journal is closed');
      const line = Buffer.from(`${JSON.stringify(recordSchema.parse(record))}\n`);
      if (line.length > LONGEST_LINE) throw new RangeError(`a ${record.type} record of ${line.length} bytes is too long for a journal`);
      try {
        for (let written = 0; written < line.length; ) written += writeSync(file, line, written);
      } catch (error) {
        ftruncateSync(file, wholeBytes);
        throw error;
      }
      wholeBytes += line.length;
      if (durability === 'record') fsyncSync(file);
    },
    close() {
      if (!open) return;
      open = false;
      fsyncSync(file);
      closeSync(file);
      lock.release();
    },
  };
}

/** A new file's name is durable once its folder is. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  for (const each of [folder, dirname(folder)]) {
    const handle = openSync(each, 'r');
    fsyncSync(handle);
    closeSync(handle);
  }
}

function releasedOnError<Result>(lock: Lock, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    lock.release();
    throw error;
  }
}
