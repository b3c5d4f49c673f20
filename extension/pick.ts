import { commands, Uri, window, workspace } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import type { Runs } from './runs.ts';
import { best } from './words.ts';

/**
 * The run that a command means: the one given (by folder, or as the Runs view hands it over), else the newest of the spec given or in the active
 * editor, else the only one, else the one that the user picks.
 */
export async function chooseRun(
  runs: Runs,
  argument: unknown,
  suits: (run: RunSummary) => boolean = () => true,
): Promise<RunSummary | undefined> {
  const folder = typeof argument === 'string' ? argument : (argument as RunSummary | undefined)?.folder;
  const given = folder === undefined ? undefined : runs.find(folder);
  if (given) return given;
  const suitable = runs.list().filter(suits);
  const spec = (specOf(argument) ?? window.activeTextEditor?.document.uri)?.fsPath;
  const newest = suitable.find((run) => run.spec === spec);
  if (newest || suitable.length === 1) return newest ?? suitable[0];
  if (suitable.length === 0) {
    void window.showInformationMessage('There is no such run. A search makes one: Run SpArSe Search.');
    return undefined;
  }
  const items = suitable.map((run) => ({ label: run.name, description: [run.status, best(run)].filter(Boolean).join(' · '), run }));
  return (await window.showQuickPick(items, { placeHolder: 'Which run?' }))?.run;
}

/** The spec that a command means: the one given, else that of the active editor, else the only one, else the one that the user picks. */
export async function chooseSpec(argument: unknown): Promise<Uri | undefined> {
  const given = specOf(argument);
  if (given) return onDisk(given);
  const active = window.activeTextEditor?.document.uri;
  if (active && isSpec(active)) return onDisk(active);
  if (!workspace.workspaceFolders) {
    void offerFolder();
    return undefined;
  }
  const found = await workspace.findFiles('**/*.sparse.{yaml,yml}', '**/node_modules/**', 200);
  if (found.length === 0) {
    void window.showErrorMessage('This workspace has no spec (NAME.sparse.yaml).');
    return undefined;
  }
  if (found.length === 1) return found[0];
  const items = found.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  return (await window.showQuickPick(items, { placeHolder: 'Which spec?' }))?.uri;
}

async function offerFolder(): Promise<void> {
  const offers: { [label: string]: string } = {
    'Open Folder': 'workbench.action.files.openFolder',
    'New Project from Example': 'sparse.newExample',
  };
  const choice = await window.showErrorMessage('No folder is open. Open the one that holds your spec.', ...Object.keys(offers));
  if (choice) await commands.executeCommand(offers[choice]);
}

function onDisk(uri: Uri): Uri | undefined {
  if (uri.scheme === 'file') return uri;
  void window.showErrorMessage('The spec is not a file on disk. Save it into a folder first.');
  return undefined;
}

/** Editor and explorer give a URI, code lenses its text. */
function specOf(argument: unknown): Uri | undefined {
  const uri = argument instanceof Uri ? argument : typeof argument === 'string' ? Uri.parse(argument) : undefined;
  return uri && isSpec(uri) ? uri : undefined;
}

const isSpec = (uri: Uri): boolean => /\.sparse\.ya?ml$/.test(uri.path);
