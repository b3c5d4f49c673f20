import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.ts';

const folder = join(root, 'test/editor/host');
/** VS Code's server and web workbench, as code-server carries them. */
export const vscodeFolder = join(folder, 'node_modules/code-server/lib/vscode');

/** Installs VS Code's server from npm, once per lock file: about 15 s and 600 MB. */
export function installHost(): void {
  const stamp = join(folder, 'node_modules/.installed');
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('installing VS Code for the tests (once)');
  npm(['ci'], folder);
  // What code-server's own install script does; `npm ci` refuses its shrinkwrap.
  npm(['install', '--omit=dev'], vscodeFolder);
  writeFileSync(stamp, lock);
}

function npm(command: string[], cwd: string): void {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', [...command, ...quiet], { cwd, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  if (status !== 0)
    throw new Error(`VS Code for the tests could not be installed: npm ${command[0]} failed in ${cwd}. It needs the npm registry.`);
}

/** The Node that VS Code's server runs on: it needs version 24. */
export function serverNode(): string {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const own = join(root, 'node_modules/node/bin/node');
  if (existsSync(own)) return own;
  throw new Error('VS Code for the tests needs Node 24: run `npm ci` first, it brings one.');
}
