import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type CancellationToken, type ExtensionContext, Uri, window, workspace } from 'vscode';

/** What a finished command of the command line left behind. */
export type Finished = { readonly code: number; readonly json?: unknown; readonly err: string };

/** VS Code's own program runs as Node, so that the user needs no Node. */
const environment = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };

const MOST_OUTPUT = 16 * 1024 * 1024;

/** Runs `sparse` to its end, and reads the JSON that it printed last, if it did. */
export function runSparse(context: ExtensionContext, args: readonly string[], stop?: CancellationToken): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { env: environment, maxBuffer: MOST_OUTPUT, windowsHide: true };
    const child = execFile(process.execPath, [program(context), ...args], options, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 2) : 0;
      resolve({ code, json: lastJson(out), err: err.trim() || (error?.message ?? '') });
    });
    stop?.onCancellationRequested(() => child.kill());
  });
}

/**
 * Starts `sparse` so that it outlives this window: in a session of its own, its output in a file, at low priority.
 * `ended` is called only if the window is still there.
 */
export function startSparse(context: ExtensionContext, args: readonly string[], spec: string, ended: (code: number | null) => void): void {
  const file = outputFile(spec);
  mkdirSync(dirname(file), { recursive: true });
  const output = openSync(file, 'w');
  const child = spawn(process.execPath, [program(context), ...args], {
    cwd: dirname(spec),
    env: environment,
    detached: true,
    stdio: ['ignore', output, output],
    windowsHide: true,
  });
  closeSync(output);
  child.on('error', (error) => void window.showErrorMessage(`The search could not be started: ${error.message}`));
  child.on('exit', ended);
  child.unref();
  lower(child.pid);
}

function lower(pid: number | undefined): void {
  try {
    if (pid) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It ended at once; its exit is told elsewhere.
  }
}

export const outputFile = (spec: string): string => join(dirname(spec), '.sparse', `${basename(spec).replace(/\.sparse\.ya?ml$/, '')}.log`);

/** The end of what the spec's last search printed. */
export function lastOutput(spec: string, lines = 3): string {
  try {
    return readFileSync(outputFile(spec), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

export async function showOutput(spec: string): Promise<void> {
  try {
    await window.showTextDocument(await workspace.openTextDocument(Uri.file(outputFile(spec))), { preview: true });
  } catch {
    void window.showInformationMessage('This search was not started here; what it prints is in its terminal.');
  }
}

function lastJson(out: string): unknown {
  try {
    return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

const program = (context: ExtensionContext): string => context.asAbsolutePath('dist/sparse.js');
