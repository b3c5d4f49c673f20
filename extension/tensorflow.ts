import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ExtensionContext, ProgressLocation, window, workspace } from 'vscode';
import { trusted } from './trust.ts';

/** The release that the engine is tested with. */
const PACKAGE = '@tensorflow/tfjs-node@4.22.0';

/** What a search is told of the engine that the user wants. */
export function engineArgs(context: ExtensionContext): string[] {
  const settings = workspace.getConfiguration('sparse.training');
  const engine = settings.get<string>('engine', 'auto');
  const folder = settings.get<string>('tensorflow', '') || (existsSync(ownFolder(context)) ? ownFolder(context) : '');
  return ['--engine', engine, ...(folder ? ['--tensorflow', folder] : [])];
}

/** Installs TensorFlow into the extension's own storage, never into a project of the user's. It fetches its library from the network. */
export async function setUpTensorflow(context: ExtensionContext): Promise<void> {
  if (!(await trusted('Installing TensorFlow'))) return;
  const detail = `About 400 MB are fetched by npm into ${ownFolder(context)}. TensorFlow trains networks that are too large for the built-in engine.`;
  if (!(await window.showInformationMessage('Install TensorFlow for SpArSe?', { modal: true, detail }, 'Install'))) return;
  mkdirSync(ownFolder(context), { recursive: true });
  const title = 'SpArSe: installing TensorFlow';
  const failure = await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (_, stop) => {
    return new Promise<string | undefined>((resolve) => {
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      const options = { windowsHide: true, shell: process.platform === 'win32' };
      const child = execFile(
        npm,
        ['install', '--prefix', ownFolder(context), '--no-audit', '--no-fund', PACKAGE],
        options,
        (error, _out, err) => resolve(error ? err.trim().split('\n').at(-1) || error.message : undefined),
      );
      stop.onCancellationRequested(() => child.kill());
    });
  });
  if (failure) void window.showErrorMessage(`TensorFlow was not installed. ${failure}`);
  else
    void window.showInformationMessage(
      'TensorFlow is installed. Searches take it for networks that need it; the setting sparse.training.engine says when.',
    );
}

const ownFolder = (context: ExtensionContext): string => join(context.globalStorageUri.fsPath, 'tensorflow');
