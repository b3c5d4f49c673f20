import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './harness/place.ts';

/** A user's folder: the digits example, and a YAML file that is none of our business. */
export function makeWorkspace(folder: string): string {
  cpSync(join(root, 'media/examples/digits'), folder, { recursive: true });
  writeFileSync(join(folder, 'other.yaml'), 'name: other\n');
  return folder;
}
