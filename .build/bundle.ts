/**
 * Bundles into dist/: the extension, the language server, the command line, the threads that train and the Budget view.
 * `--dev` keeps names and adds source maps. The extension is CommonJS, as VS Code's test path needs; what runs in Node is ESM, so that
 * `import.meta.url` finds the files beside it.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const development = process.argv.includes('--dev');

const node: BuildOptions = {
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  // CommonJS packages inside an ESM bundle ask for Node's own modules through require.
  banner: { js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);" },
};

const bundles: { entry: string; out: string; options: BuildOptions }[] = [
  {
    entry: 'extension/main.ts',
    out: 'dist/extension.cjs',
    options: { ...node, format: 'cjs', banner: {}, external: ['vscode'] },
  },
  { entry: 'server/language/main.ts', out: 'dist/server.js', options: node },
  {
    entry: 'server/cli/sparse.ts',
    out: 'dist/sparse.js',
    options: { ...node, banner: { js: `#!/usr/bin/env node\n${node.banner!.js}` } },
  },
  { entry: 'server/run/trainer.ts', out: 'dist/trainer.js', options: node },
  { entry: 'webview/style.css', out: 'dist/webview.css', options: { target: 'es2022' } },
  { entry: 'webview/main.tsx', out: 'dist/webview.js', options: { platform: 'browser', target: 'es2022', format: 'esm' } },
];

rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const { entry, out, options } of bundles) {
  if (!existsSync(join(root, entry))) {
    console.log(`skipped ${out}: there is no ${entry}`);
    continue;
  }
  await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: out,
    bundle: true,
    minify: !development,
    sourcemap: development,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.wasm': 'binary', '.svg': 'text' },
    define: { 'process.env.NODE_ENV': development ? '"development"' : '"production"' },
  });
  console.log(`${basename(out).padEnd(14)} ${Math.ceil(statSync(join(root, out)).size / 1024)} KB`);
}
