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
  if (!view || id === undefined) return void window.showInformationMessage(`${run.name}: there is no candidate to write yet.`);
  const folder = view.outputFolder;
  if (folder === undefined)
    return void window.showErrorMessage(`${run.name}: where the C belongs is not known, as the spec has errors. Mend it first.`);
  if (!(await outsideAllowed(folder))) return;
  const scratch = mkdtempSync(join(tmpdir(), 'sparse-c-'));
  try {
    if (!(await exportInto(context, run, id, scratch))) return;
    if (!(await confirmed(compareFolders(scratch, folder), folder, id))) return;
    if (await exportInto(context, run, id, folder)) void proveFirmware(context, run, folder);
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
  return (await window.showWarningMessage('Write C outside of this workspace?', { modal: true, detail }, 'Write There')) !== undefined;
}

/** As `sparse export --json` prints it. */
type Outcome = { readonly written?: boolean; readonly foreign?: readonly string[] };

/** Asks before it writes over files that did not come from here; the command line knows which those are. */
async function exportInto(context: ExtensionContext, run: RunSummary, id: string, folder: string): Promise<boolean> {
  const args = ['export', run.folder, '--candidate', id, '--into', folder, '--json'];
  const title = `Writing candidate ${id} of ${run.name}`;
  const write = (...more: string[]) =>
    window.withProgress({ location: ProgressLocation.Window, title }, () => runSparse(context, [...args, ...more]));
  let { json, err } = await write();
  const { foreign = [] } = (json ?? {}) as Outcome;
  if (foreign.length > 0) {
    const detail = `${workspace.asRelativePath(folder)} holds ${foreign.join(', ')}. Files of the same names would be replaced, others stay.`;
    const choice = await window.showWarningMessage('Write beside files that SpArSe did not write?', { modal: true, detail }, 'Write');
    if (!choice) return false;
    ({ json, err } = await write('--force'));
  }
  const written = (json as Outcome | undefined)?.written === true;
  if (!written) void window.showErrorMessage(`The C could not be written. ${err.split('\n').at(-1)}`);
  return written;
}

async function confirmed(changes: readonly Change[], folder: string, id: string): Promise<boolean> {
  const name = workspace.asRelativePath(folder);
  if (changes.every(({ kind }) => kind === 'unchanged')) return true;
  const detail = changes.map(({ name: file, kind }) => `${file} (${kind})`).join('\n');
  const question = `Write candidate ${id} into ${name}?`;
  const choice = await window.showInformationMessage(question, { modal: true, detail }, 'Write Files', 'Show Changes');
  if (choice !== 'Show Changes') return choice === 'Write Files';
  const shown = await showChanges(`${name}: candidate ${id}`, changes);
  const answer = await window.showInformationMessage(question, 'Write Files', 'Leave as It Is');
  shown.dispose();
  return answer === 'Write Files';
}
