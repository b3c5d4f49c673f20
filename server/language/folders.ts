import { readdirSync, statSync } from 'node:fs';
import { opendir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInside } from '../firmware/project.ts';
import type { ListFolder } from '../spec/features/completion.ts';
import { resolvePath } from '../spec/spec.ts';

/** The path of a document on disk. */
export function fileOf(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

export const isSpecName = (name: string): boolean => /\.sparse\.ya?ml$/i.test(name);

/** The workspace folder that a spec lies in, the innermost of several; its own folder where it lies in none. */
export const topOf = (file: string, folders: readonly string[]): string =>
  folders.filter((folder) => isInside(file, folder)).sort((a, b) => b.length - a.length)[0] ?? dirname(file);

const MOST_LISTED = 1000;

/** Lists folders by their path from a spec's. */
export const listFrom =
  (file: string): ListFolder =>
  (path) => {
    try {
      const folder = resolvePath(dirname(file), path);
      const entries = readdirSync(folder, { withFileTypes: true }).slice(0, MOST_LISTED);
      const isFolder = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
      const names = entries.map((each) =>
        each.isDirectory() || (each.isSymbolicLink() && isFolder(each.name)) ? `${each.name}/` : each.name,
      );
      return names.sort((a, b) => Number(b.endsWith('/')) - Number(a.endsWith('/')) || (a < b ? -1 : 1));
    } catch {
      return [];
    }
  };

const [MOST_SPECS, MOST_FOLDERS, DEEPEST, LARGEST] = [500, 5000, 12, 1 << 20];
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.sparse', '.pio', 'dist', 'build', '.venv']);

/** The specs below folders, as many as are reasonable. */
export async function findSpecs(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const waiting = folders.map((folder) => ({ folder, depth: 0 }));
  for (let seen = 0; seen < MOST_FOLDERS && waiting.length > 0 && found.length < MOST_SPECS; seen++) {
    const { folder, depth } = waiting.shift()!;
    try {
      for await (const each of await opendir(folder)) {
        if (each.isFile() && isSpecName(each.name)) found.push(join(folder, each.name));
        if (each.isDirectory() && depth < DEEPEST && !SKIPPED.has(each.name))
          waiting.push({ folder: join(folder, each.name), depth: depth + 1 });
      }
    } catch {
      // A folder that cannot be read has no specs to tell of.
    }
  }
  return [...new Set(found)].slice(0, MOST_SPECS);
}

/** The text of a spec on disk; undefined where there is none, or too much. */
export async function readText(file: string): Promise<string | undefined> {
  const about = await stat(file).catch(() => undefined);
  return about?.isFile() && about.size <= LARGEST ? readFile(file, 'utf8').catch(() => undefined) : undefined;
}
