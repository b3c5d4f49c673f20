import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, Uri } from 'vscode';

export type Change = { readonly path: string; readonly kind: 'new' | 'changed' | 'unchanged'; readonly from: string; readonly to: string };

/** The command line's list of what it wrote: it names its folder, and so differs wherever it lies. */
const MANIFEST = 'sparse.manifest.json';

/** What writing the files of one folder into another would do. */
export function compareFolders(source: string, target: string): Change[] {
  const paths = readdirSync(source).filter((path) => path !== MANIFEST);
  return paths.map((path) => {
    const [from, to] = [join(target, path), join(source, path)];
    const kind = !existsSync(from) ? 'new' : readFileSync(from).equals(readFileSync(to)) ? 'unchanged' : 'changed';
    return { path, kind, from, to };
  });
}

/** Opens VS Code's editor of several differences, the C before the model that belongs to it. */
export async function showChanges(title: string, changes: readonly Change[]): Promise<void> {
  const resources = changes
    .filter(({ kind, path }) => kind !== 'unchanged' && /\.[ch]$/.test(path))
    .map(({ kind, from, to }) => [Uri.file(from), kind === 'new' ? undefined : Uri.file(from), Uri.file(to)]);
  await commands.executeCommand('vscode.changes', title, resources);
}
