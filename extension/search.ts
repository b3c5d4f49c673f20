import { commands, type ExtensionContext, ProgressLocation, Range, Selection, type Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import type { Client } from './client.ts';
import { chooseRun, chooseSpec } from './pick.ts';
import type { Runs } from './runs.ts';
import { lastOutput, runSparse, showOutput, startSparse } from './sparse.ts';
import { engineArgs } from './tensorflow.ts';
import { trusted } from './trust.ts';

/** Checks the spec, then searches in a process of its own. */
export async function runSearch(context: ExtensionContext, runs: Runs, argument: unknown): Promise<void> {
  const uri = await chooseSpec(argument);
  if (!uri || !(await trusted('A search'))) return;
  const running = runs.list().find((run) => run.spec === uri.fsPath && run.status === 'running');
  if (running) return offerRunning(running);
  await workspace.textDocuments.find((document) => document.uri.fsPath === uri.fsPath)?.save();
  if (await isSound(context, uri)) start(context, runs, uri.fsPath, []);
}

export async function resumeSearch(context: ExtensionContext, runs: Runs, argument: unknown): Promise<void> {
  const run = await chooseRun(runs, argument, resumable);
  if (!run || !(await trusted('A search'))) return;
  const running = runs.list().find(({ spec, status }) => spec === run.spec && status === 'running');
  if (running) return offerRunning(running);
  start(context, runs, run.spec, ['--resume', '--run', run.folder]);
}

export async function cancelSearch(client: Client, runs: Runs, argument: unknown): Promise<void> {
  const run = await chooseRun(runs, argument, (each) => each.status === 'running');
  if (run && !(await client.request('sparse/cancel', { folder: run.folder })))
    void window.showInformationMessage(`${run.name}: no search is running.`);
}

const resumable = (run: RunSummary): boolean => run.status === 'interrupted' || run.status === 'cancelled';

function start(context: ExtensionContext, runs: Runs, spec: string, more: readonly string[]): void {
  const workers = workspace.getConfiguration('sparse.search').get<number>('workers', 0);
  const args = [
    'search',
    spec,
    '--json',
    '--no-write',
    ...engineArgs(context),
    ...more,
    ...(workers > 0 ? ['--workers', String(workers)] : []),
  ];
  const running = new Promise<boolean>((resolve) => {
    const subscription = runs.onChange((list) => {
      if (!list.some((run) => run.spec === spec && run.status === 'running')) return;
      subscription.dispose();
      resolve(true);
    });
    startSparse(context, args, spec, (code) => {
      subscription.dispose();
      resolve(code === 0);
    });
  });
  const message = 'SpArSe: reading the data';
  void window.withProgress({ location: ProgressLocation.Notification, title: message }, async () => {
    // Once it is seen running, the run itself tells how it goes on.
    if (!(await running)) void offerOutput(spec);
  });
}

async function offerRunning(run: RunSummary): Promise<void> {
  const choice = await window.showInformationMessage(`${run.name}: a search is running already.`, 'Show Budget', 'Cancel Search');
  if (choice === 'Show Budget') await commands.executeCommand('sparse.showBudget', run.folder);
  if (choice === 'Cancel Search') await commands.executeCommand('sparse.cancelSearch', run.folder);
}

async function offerOutput(spec: string): Promise<void> {
  const choice = await window.showErrorMessage(`The search did not run. ${lastOutput(spec)}`, 'Show Output');
  if (choice) await showOutput(spec);
}

/** As `sparse check --json` prints them. */
type Problem = { readonly severity: string; readonly message: string; readonly range: { readonly start: Place; readonly end: Place } };
type Place = { readonly line: number; readonly character: number };

/** Says which errors the spec has and goes to the first. */
async function isSound(context: ExtensionContext, uri: Uri): Promise<boolean> {
  const { code, json, err } = await runSparse(context, ['check', uri.fsPath, '--json']);
  if (code === 0) return true;
  const errors = problemsIn(json).filter((problem) => problem.severity === 'error');
  if (errors.length === 0) {
    void window.showErrorMessage(`The spec could not be checked. ${err.split('\n').at(-1)}`);
    return false;
  }
  const [{ message, range }] = errors;
  const selection = new Range(range.start.line, range.start.character, range.end.line, range.end.character);
  const editor = await window.showTextDocument(uri, { selection });
  editor.selection = new Selection(selection.start, selection.end);
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const where = `${workspace.asRelativePath(uri)}, line ${range.start.line + 1}`;
  void window.showErrorMessage(`The search was not started. ${where}: ${message}${more}`, 'Show Problems').then((choice) => {
    if (choice) void commands.executeCommand('workbench.actions.view.problems');
  });
  return false;
}

function problemsIn(json: unknown): readonly Problem[] {
  const { problems } = (json ?? {}) as { problems?: Problem[] };
  return Array.isArray(problems) ? problems : [];
}
