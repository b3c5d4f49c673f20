import { commands, type ExtensionContext, ProgressLocation, Uri, window, workspace } from 'vscode';
import { runSparse } from './sparse.ts';

/** Copies the digits example into a new folder where the user says, and opens its spec. */
export async function newExample(context: ExtensionContext, argument: unknown): Promise<void> {
  const parent = argument instanceof Uri ? argument : await chooseParent();
  if (!parent) return;
  const target = Uri.joinPath(parent, 'digits');
  if (await exists(target)) {
    void window.showErrorMessage(`${target.fsPath} exists already. Choose another folder.`);
    return;
  }
  await workspace.fs.copy(Uri.joinPath(context.extensionUri, 'media/examples/digits'), target);
  const title = 'SpArSe: drawing the digits of the example';
  const { code, err } = await window.withProgress({ location: ProgressLocation.Notification, title }, () =>
    runSparse(context, ['digits', Uri.joinPath(target, 'data').fsPath]),
  );
  if (code !== 0) void window.showErrorMessage(`The digits could not be drawn. ${err.split('\n').at(-1)}`);
  const spec = Uri.joinPath(target, 'digits.sparse.yaml');
  if (workspace.getWorkspaceFolder(target)) {
    await window.showTextDocument(spec);
    return;
  }
  const choice = await window.showInformationMessage(`The example is in ${target.fsPath}.`, 'Open Folder', 'Open in New Window');
  if (choice) await commands.executeCommand('vscode.openFolder', target, { forceNewWindow: choice === 'Open in New Window' });
}

async function chooseParent(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({
    title: 'Where shall the folder "digits" be made?',
    openLabel: 'Make Project Here',
    canSelectFolders: true,
    canSelectFiles: false,
    defaultUri: workspace.workspaceFolders?.[0]?.uri,
  });
  return chosen?.[0];
}

async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
