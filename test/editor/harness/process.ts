import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

export type Group = { readonly child: ChildProcess; readonly exited: () => boolean; stop(): Promise<void> };

/** Starts a process as the head of a group of its own, so that it is ended with all that it started. */
export function startGroup(command: string, args: string[], options: SpawnOptions): Group {
  const child = spawn(command, args, { ...options, detached: true });
  let ended = false;
  const end = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
    ended = true;
  });
  return {
    child,
    exited: () => ended,
    async stop() {
      signal(child.pid, 'SIGTERM');
      await Promise.race([end, pause(3000)]);
      signal(child.pid, 'SIGKILL');
    },
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again until there is an answer, or fails after `limitMs`. */
export async function until<T>(what: string, limitMs: number, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(100);
  }
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, name);
  } catch {
    // The group is gone already.
  }
}
