import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '../../server/cli/main.ts';

export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** A command in this process, its console caught. */
export const call = (...args: string[]): Promise<Ended> => callWith(new AbortController().signal, ...args);

export async function callWith(signal: AbortSignal, ...args: string[]): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await main(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    signal,
  });
  return { code, out, err };
}

/** What stands on the last line, as JSON. */
export const lastLine = <Told>({ out }: Ended): Told => JSON.parse(out.trimEnd().split('\n').at(-1)!);

const SHELL = fileURLToPath(new URL('../../server/cli/sparse.ts', import.meta.url));

export type Child = { readonly process: ChildProcess; readonly ended: Promise<Ended & { readonly signal: string | null }> };

/** A command as a process of its own, which does not outlive the test. */
export const launch = (t: TestContext, ...args: string[]): Child => launchWith(t, {}, ...args);

export function launchWith(t: TestContext, env: NodeJS.ProcessEnv, ...args: string[]): Child {
  const process_ = spawn(process.execPath, [SHELL, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => process_.kill('SIGKILL'));
  let [out, err] = ['', ''];
  process_.stdout.on('data', (chunk) => {
    out += chunk;
  });
  process_.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended & { signal: string | null }>((resolve, reject) => {
    process_.on('error', reject);
    process_.on('close', (code, signal) => resolve({ code: code ?? -1, out, err, signal }));
  });
  return { process: process_, ended };
}
