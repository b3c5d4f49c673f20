import { hostname } from 'node:os';
import type { Connection } from 'vscode-languageserver/node';
import { projectChip } from '../firmware/chip.ts';
import type { FromServer, Requests, RunSummary, ToServer } from '../protocol.ts';
import { findRuns, findSpec, readSpec } from '../run/folder.ts';
import { topOf } from './folders.ts';
import { type Follower, follow } from './runs/follow.ts';
import { summarise } from './runs/summary.ts';
import { viewOf } from './runs/view.ts';

const LOOK_EVERY_MS = 1000;

/** `spec` is the path of the spec, once there is a header that tells it. */
type Run = { readonly journal: Follower; spec?: string };

/**
 * Tells the editor of the runs beside its specs, whoever started them. Looks once a second: file watching fails on network
 * file systems, and finds nothing in a folder that is not there yet.
 */
export function serveRuns(connection: Connection): { dispose(): void } {
  const runs = new Map<string, Run>();
  let folders: readonly string[] = [];
  let told = '';

  function look(): void {
    try {
      update();
    } catch (error) {
      // A folder that cannot be read is no reason to stop serving the others' specs.
      connection.console.warn(`the runs cannot be read: ${(error as Error).message}`);
    }
  }

  function update(): void {
    const found = folders.flatMap(findRuns);
    for (const folder of runs.keys()) if (!found.includes(folder)) runs.delete(folder);
    for (const folder of found) {
      const run = runs.get(folder) ?? { journal: follow(folder) };
      runs.set(folder, run);
      const changed = run.journal.update();
      const { header } = run.journal.state;
      if (header && (changed || !run.spec)) run.spec = findSpec(folder, header);
    }
    tell();
  }

  function tell(): void {
    const list = [...runs].flatMap(([folder, run]) => summary(folder, run)).sort((a, b) => b.startedAt - a.startedAt);
    const params: FromServer['sparse/runs'] = { runs: list };
    const text = JSON.stringify(params);
    if (text !== told) void connection.sendNotification('sparse/runs', params);
    told = text;
  }

  const summary = (folder: string, { journal, spec }: Run): RunSummary[] =>
    spec ? [summarise(folder, spec, journal.state, journal.holder, Date.now())] : [];

  connection.onNotification('sparse/folders', (params: ToServer['sparse/folders']) => {
    folders = params.folders;
    look();
  });
  connection.onRequest('sparse/view', ({ folder }: Requests['sparse/view']['params']): Requests['sparse/view']['result'] => {
    const run = runs.get(folder);
    const [known] = run ? summary(folder, run) : [];
    if (!known || !run) return null;
    const projectAt = (at: string) => projectChip(at, topOf(known.spec, folders));
    return viewOf(known, run.journal.state, readSpec(known.spec), projectAt);
  });
  connection.onRequest('sparse/cancel', ({ folder }: Requests['sparse/cancel']['params']): Requests['sparse/cancel']['result'] => {
    const holder = runs.get(folder)?.journal.holder;
    // A process of another machine is out of reach, and its number names another process here.
    return holder?.host === hostname() && interrupt(holder.pid);
  });

  const timer = setInterval(look, LOOK_EVERY_MS);
  return { dispose: () => clearInterval(timer) };
}

/** As Ctrl-C does. */
function interrupt(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGINT');
  } catch {
    return false;
  }
}
