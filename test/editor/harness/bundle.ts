import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './place.ts';

/** Bundles what runs in the extension host; mocha stays outside and is found in the repository's packages. */
export async function bundleFor(entry: 'suite' | 'bench'): Promise<string> {
  const outfile = join(root, `dist/test/${entry}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`test/editor/${entry}/index.ts`],
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
