import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { GeneratedFile } from '../codegen/generate.ts';

/** Lists the files that were written, so that the next time only those are replaced. */
export const MANIFEST = 'sparse.manifest.json';
const LARGEST_MANIFEST = 1 << 20;

const manifestSchema = z.looseObject({
  version: z.literal(1),
  /** SHA-256 of each file written, hexadecimal, by its path in the folder. */
  files: z.record(z.string().regex(/^[\w.-]+$/), z.string().regex(/^[0-9a-f]{64}$/)),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What writing would do to each file, and why it may not be done. */
export type WritePlan = {
  readonly folder: string;
  readonly changes: readonly { readonly path: string; readonly change: 'create' | 'replace' | 'same' | 'remove' }[];
  /** Files of the user's in the folder: never written by us, or changed since. */
  readonly foreign: readonly string[];
};

/** Looks at a folder without touching it. `files` lie directly in it. What has the very content that would be written is not foreign: writing may have been cut short before. */
export function planWrite(folder: string, files: readonly GeneratedFile[]): WritePlan {
  const known = readManifest(folder)?.files ?? {};
  const wanted = new Map(files.map(({ path, content }) => [path, sha256(content)]));
  const leftovers = [MANIFEST, ...Object.keys(known), ...wanted.keys()].map(partOf);
  const present = (statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : []).filter(
    (path) => path !== MANIFEST && !(leftovers.includes(path) && isOwnFile(folder, path)),
  );
  const hashes = new Map(present.map((path) => [path, Object.hasOwn(known, path) || wanted.has(path) ? hashOf(folder, path) : undefined]));
  const foreign = present.filter((path) => {
    const hash = hashes.get(path);
    return hash === undefined || (hash !== wanted.get(path) && !(Object.hasOwn(known, path) && hash === known[path]));
  });
  const changes = files.map(({ path }) => {
    if (!present.includes(path)) return { path, change: 'create' as const };
    return { path, change: hashes.get(path) === wanted.get(path) ? ('same' as const) : ('replace' as const) };
  });
  const dropped = Object.keys(known).filter((path) => present.includes(path) && !foreign.includes(path) && !wanted.has(path));
  return { folder, changes: [...changes, ...dropped.map((path) => ({ path, change: 'remove' as const }))], foreign };
}

/** Writes the files and the manifest, which records `facts` as well. A folder that holds foreign files is left alone unless `force` is set; those that are not ours stay in any case. */
export function writeFiles(folder: string, files: readonly GeneratedFile[], facts: object, force: boolean): WritePlan {
  const plan = planWrite(folder, files);
  if (plan.foreign.length > 0 && !force) return plan;
  mkdirSync(folder, { recursive: true });
  for (const { path, change } of plan.changes) if (change === 'remove') rmSync(join(folder, path));
  for (const file of files) put(folder, file);
  const hashes = Object.fromEntries(files.map(({ path, content }) => [path, sha256(content)]));
  put(folder, { path: MANIFEST, content: `${JSON.stringify({ version: 1, ...facts, files: hashes }, null, 2)}\n` });
  return plan;
}

/** The manifest of a folder; undefined where there is none that can be read. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, MANIFEST);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size > LARGEST_MANIFEST) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Under another name first, so that no reader sees half a file; in a file of our own, whatever link may lie there. */
function put(folder: string, { path, content }: GeneratedFile): void {
  const part = join(folder, partOf(path));
  rmSync(part, { force: true });
  writeFileSync(part, content, { flag: 'wx' });
  try {
    renameSync(part, join(folder, path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

const partOf = (path: string): string => `.${path}.part`;

/** Of a file that lies in the folder itself; a link, or what is no file, has none. */
const hashOf = (folder: string, path: string): string | undefined =>
  isOwnFile(folder, path) ? sha256(readFileSync(join(folder, path))) : undefined;

const isOwnFile = (folder: string, path: string): boolean => lstatSync(join(folder, path)).isFile();
