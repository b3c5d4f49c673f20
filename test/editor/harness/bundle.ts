import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './place.ts';

/** Bundles the extension-host suite; mocha stays outside and is found in the repository's packages. */
export async function bundleSuite(): Promise<string> {
  const outfile = join(root, 'dist/test/suite.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/editor/suite/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}
