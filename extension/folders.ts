import { dirname } from 'node:path';
import { Disposable, type Uri, workspace } from 'vscode';
import type { Client } from './client.ts';

const specs = '**/*.sparse.{yaml,yml}';
const MOST_SPECS = 500;

/** Keeps the language server told of the folders that hold specs, and so may hold runs. */
export function watchFolders(client: Client): Disposable {
  const watcher = workspace.createFileSystemWatcher(specs, false, true, false);
  const tell = async () => {
    const found = await workspace.findFiles(specs, '**/node_modules/**', MOST_SPECS);
    const open = workspace.textDocuments.filter((document) => document.languageId === 'sparse-spec').map((document) => document.uri);
    const onDisk = [...found, ...open].filter((uri: Uri) => uri.scheme === 'file');
    client.notify('sparse/folders', { folders: [...new Set(onDisk.map((uri) => dirname(uri.fsPath)))] });
  };
  void tell();
  return Disposable.from(
    watcher,
    watcher.onDidCreate(tell),
    watcher.onDidDelete(tell),
    workspace.onDidChangeWorkspaceFolders(tell),
    workspace.onDidOpenTextDocument((document) => (document.languageId === 'sparse-spec' ? tell() : undefined)),
  );
}
