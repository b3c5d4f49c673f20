import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { type ExtensionContext, ProgressLocation, window, workspace } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import { type Change, compareFolders, showChanges } from './changes.ts';
import type { Client } from './client.ts';
import { chooseRun } from './pick.ts';
import { proveFirmware } from './proof.ts';
import type { Runs } from './runs.ts';
import { runSparse } from './sparse.ts';
import { trusted } from './trust.ts';

/** Writes a candidate's C where the spec says, after showing what would change; then proves it. */
export async function writeFirmware(
  context: ExtensionContext,
  client: Client,
  runs: Runs,
  argument: unknown,
  candidate?: unknown,
): Promise<void> {
  const run = await chooseRun(runs, argument, (each) => each.bestAccuracy !== undefined);
  if (!run || !(await trusted('Writing C'))) return;
  const view = await client.request('sparse/view', { folder: run.folder });
  const id = typeof candidate === 'string' ? candidate : view?.chosen;
  if (!view || id === undefined) {
    void window.showInformationMessage(`${run.name}: there is no candidate to write yet.`);
    return;
  }
  const folder = view.outputFolder;
  if (folder === undefined) {
    void window.showErrorMessage(`${run.name}: the spec has errors, so where the C belongs is not known. Mend the spec first.`);
    return;
  }
  if (!(await outsideAllowed(folder))) return;
  const scratch = mkdtempSync(join(tmpdir(), 'sparse-c-'));
  try {
    if (!(await exportInto(context, run, id, scratch))) return;
    const changes = compareFolders(scratch, folder);
    if (!(await confirmed(changes, folder, id))) return;
    if (await exportInto(context, run, id, folder)) await proveFirmware(context, run, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A folder of the workspace needs no question; any other does. */
async function outsideAllowed(folder: string): Promise<boolean> {
  const inside = (workspace.workspaceFolders ?? []).some(({ uri }) => {
    const path = relative(uri.fsPath, folder);
    return !path.startsWith('..') && !isAbsolute(path);
  });
  if (inside) return true;
  const detail = `The spec's output folder is ${folder}.`;
  const choice = await window.showWarningMessage('Write C outside of this workspace?', { modal: true, detail }, 'Write There');
  return choice !== undefined;
}

/** Asks before it writes over files that did not come from here; the command line knows which those are. */
async function exportInto(context: ExtensionContext, run: RunSummary, id: string, folder: string): Promise<boolean> {
  const args = ['export', run.folder, '--candidate', id, '--into', folder];
  const title = `Writing candidate ${id} of ${run.name}`;
  const write = (more: string[]) =>
    window.withProgress({ location: ProgressLocation.Notification, title }, () => runSparse(context, [...args, ...more]));
  let { code, err } = await write([]);
  if (code !== 0 && err.includes('--force')) {
    const choice = await window.showWarningMessage(
      'Replace files that SpArSe did not write?',
      { modal: true, detail: err.trim() },
      'Replace',
    );
    if (!choice) return false;
    ({ code, err } = await write(['--force']));
  }
  if (code !== 0) void window.showErrorMessage(`The C could not be written. ${err.trim().split('\n').at(-1) ?? ''}`);
  return code === 0;
}

async function confirmed(changes: readonly Change[], folder: string, id: string): Promise<boolean> {
  const name = workspace.asRelativePath(folder);
  const list = changes.map(({ path, kind }) => `${path} (${kind})`).join('\n');
  const question = `Write candidate ${id} into ${name}?`;
  const choice = await window.showInformationMessage(question, { modal: true, detail: list }, 'Write Files', 'Show Changes');
  if (choice !== 'Show Changes') return choice === 'Write Files';
  await showChanges(`${name}: candidate ${id}`, changes);
  return (await window.showInformationMessage(question, 'Write Files', 'Leave as It Is')) === 'Write Files';
}
