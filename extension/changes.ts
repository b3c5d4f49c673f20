import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, Uri } from 'vscode';

export type Change = { readonly path: string; readonly kind: 'new' | 'changed' | 'unchanged'; readonly from: string; readonly to: string };

/** What writing the files of one folder into another would do. */
export function compareFolders(source: string, target: string): Change[] {
  const files = readdirSync(source, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const to = join(entry.parentPath, entry.name);
    const path = to.slice(source.length + 1);
    const from = join(target, path);
    const kind = !existsSync(from) ? 'new' : readFileSync(from).equals(readFileSync(to)) ? 'unchanged' : 'changed';
    return { path, kind, from, to };
  });
}

/** Opens VS Code's editor of several differences. */
export async function showChanges(title: string, changes: readonly Change[]): Promise<void> {
  const resources = changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ kind, from, to }) => [Uri.file(from), kind === 'new' ? undefined : Uri.file(from), Uri.file(to)]);
  await commands.executeCommand('vscode.changes', title, resources);
}
