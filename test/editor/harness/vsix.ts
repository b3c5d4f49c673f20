import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.ts';

/** Packages what lies in dist/ and returns the size in bytes. */
export function packageVsix(file: string): number {
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  const args = [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    // Bundled already; without it, packaging would bundle again.
    env: { ...process.env, npm_config_ignore_scripts: 'true' },
  });
  if (status !== 0) throw new Error(`the extension could not be packaged:\n${stdout}\n${stderr}`);
  return statSync(file).size;
}
