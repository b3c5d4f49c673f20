import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, type Disposable, Uri, window, workspace } from 'vscode';

/** What would become of a file: its place, and what is to be written there. */
export type Change = {
  readonly name: string;
  readonly kind: 'new' | 'changed' | 'unchanged';
  readonly path: string;
  readonly content: string;
};

/** The command line's list of what it wrote: it names its folder, and so differs wherever it lies. */
const MANIFEST = 'sparse.manifest.json';

/** What writing the files of one folder into another would do. */
export function compareFolders(source: string, target: string): Change[] {
  const names = readdirSync(source).filter((name) => name !== MANIFEST);
  return names.map((name) => {
    const path = join(target, name);
    const content = readFileSync(join(source, name), 'utf8');
    const kind = !existsSync(path) ? 'new' : readFileSync(path, 'utf8') === content ? 'unchanged' : 'changed';
    return { name, kind, path, content };
  });
}

const SCHEME = 'sparse-candidate';

/** Shows the C as it is and as it would be, in one editor, until it is disposed. */
export async function showChanges(title: string, changes: readonly Change[]): Promise<Disposable> {
  const content = new Map(changes.map((change) => [Uri.file(change.path).path, change.content]));
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, { provideTextDocumentContent: ({ path }) => content.get(path) });
  const resources = changes
    .filter(({ kind, name }) => kind !== 'unchanged' && /\.[ch]$/.test(name))
    .map(({ kind, path }) => {
      const uri = Uri.file(path);
      return [uri, kind === 'new' ? undefined : uri, uri.with({ scheme: SCHEME })];
    });
  await commands.executeCommand('vscode.changes', title, resources);
  return {
    dispose() {
      provider.dispose();
      const tabs = window.tabGroups.all.flatMap((group) => group.tabs).filter(({ label }) => label.startsWith(title));
      void window.tabGroups.close(tabs);
    },
  };
}
