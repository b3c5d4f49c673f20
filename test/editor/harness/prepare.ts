import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromiumPath } from './browser.ts';
import { installHost } from './install.ts';
import { root } from './place.ts';

/** All that the editor's tests need, installed and bundled; says what is missing and ends the process where that is not possible. */
export function prepare(): void {
  try {
    // A desktop VS Code needs no browser for the suite, but the story is told in one in any case.
    chromiumPath();
    installHost();
    run('The extension could not be bundled.', join(root, '.build/bundle.ts'));
  } catch (error) {
    console.error(`The editor tests cannot run. ${(error as Error).message}`);
    console.error('Set SPARSE_SKIP_EDITOR=1 to leave them out.');
    process.exit(1);
  }
}

/** Runs a script of Node to its end. */
export function run(otherwise: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', timeout: 60_000 });
  if (status !== 0) throw new Error(otherwise);
}
