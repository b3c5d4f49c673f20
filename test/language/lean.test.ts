import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { build } from 'esbuild';

test('zod is imported as a namespace: by its name alone all of it would be in the server, its words in forty languages too', () => {
  const whole = globSync('server/**/*.ts').filter((file) => /^import \{[^}]*\bz\b[^}]*\} from 'zod'/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(whole, []);
});

test('the server that is shipped stays small', async () => {
  const { outputFiles } = await build({
    entryPoints: ['server/language/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    loader: { '.wasm': 'binary', '.svg': 'text' },
    logLevel: 'silent',
  });
  const kilobytes = outputFiles[0].contents.length / 1024;
  assert.ok(kilobytes > 300 && kilobytes < 900, `${kilobytes.toFixed(0)} KB`);
});
