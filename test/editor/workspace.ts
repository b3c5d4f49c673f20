import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user's folder: a spec and a YAML file that is none of our business. */
export function makeWorkspace(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'digits.sparse.yaml'), 'name: digits\n');
  writeFileSync(join(folder, 'other.yaml'), 'name: other\n');
  return folder;
}
