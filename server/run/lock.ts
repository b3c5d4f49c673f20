import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';

/** The process that holds a run. */
export type Holder = z.infer<typeof holderSchema>;

export type Lock = { release(): void };

const holderSchema = z.strictObject({
  pid: z.int().min(1),
  host: z.string().max(300),
  sinceMs: z.number(),
  /** When the process started, as its system tells it, so that another process with its id is not taken for it; absent where that is unknown. */
  start: z.string().max(40).optional(),
  token: z.string().max(40),
});

export const isHolder = (value: object): value is Holder => 'pid' in value;

/**
 * A lock file names its process. It is stale once that process is gone, which only its own machine can tell; a stale lock is taken over. Two processes
 * that find one stale lock cannot both win: taking over renames the file, and what was renamed is looked at again.
 */
export function acquireLock(path: string): Lock | Holder {
  const own: Holder = { pid: process.pid, host: hostname(), sinceMs: Date.now(), start: startOf(process.pid), token: randomUUID() };
  for (let attempt = 0; attempt < 8; attempt++) {
    if (create(path, own)) return { release: () => release(path, own) };
    const found = read(path);
    if (found === undefined) continue;
    if (isHolder(found) && isAlive(found)) return found;
    if (!isHolder(found) && attempt < WRITING) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    else setAside(path, found, `${path}.${own.token}`);
  }
  throw new Error(`${path} cannot be locked: other processes keep taking it`);
}

/** A garbled lock may be one that is being written; it is looked at again this many times. */
const WRITING = 3;

/** The living process that holds the lock, if one does. */
export function lockHolder(path: string): Holder | undefined {
  const found = read(path);
  return found && isHolder(found) && isAlive(found) ? found : undefined;
}

function create(path: string, own: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined where there is no file; a file that is no lock counts as one whose process is gone. */
function read(path: string): Holder | { garbled: string } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, 2000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = holderSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : { garbled: text };
}

function setAside(path: string, stale: object, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  try {
    if (JSON.stringify(read(aside)) !== JSON.stringify(stale)) linkSync(aside, path);
  } catch {
    // Someone holds the lock again already.
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, own: Holder): void {
  const found = read(path);
  if (found && isHolder(found) && found.token === own.token) rmSync(path, { force: true });
}

function isAlive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  return start === undefined || now === undefined || start === now;
}

/** Field 22 of Linux's /proc/PID/stat: ticks from boot to the process's start. The command's name before it may hold anything, up to the last bracket. */
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
