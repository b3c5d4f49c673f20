import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as util from 'node:util';
import { buildSync } from 'esbuild';
import { createTensorflowEngine } from '../../../server/training/tensorflow/engine.ts';
import { loadTensorflow } from '../../../server/training/tensorflow/load.ts';
import { library, libraryFile } from './library.ts';

const folder = mkdtempSync(join(tmpdir(), 'tensorflow-'));
after(() => rmSync(folder, { recursive: true }));

/** A folder where the package is installed with that content. */
function install(into: string, name: string, write: (file: string) => void): string {
  const place = join(folder, into, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, main: 'main.cjs' }));
  write(join(place, 'main.cjs'));
  return join(folder, into);
}

const missing = (options: Parameters<typeof loadTensorflow>[0]): string => {
  const found = loadTensorflow(options);
  assert.ok('missing' in found);
  return found.missing;
};

test('it says what to install, and where', () => {
  const empty = join(folder, 'empty');
  assert.equal(
    missing({ folder: empty }),
    `TensorFlow is not installed: ${empty} has no @tensorflow/tfjs-node. Install it there: npm install --prefix ${empty} @tensorflow/tfjs-node`,
  );
  assert.match(missing({ folder: empty, backend: 'cpu' }), /npm install --prefix \S+ @tensorflow\/tfjs$/);
  assert.throws(() => createTensorflowEngine({ folder: empty }), /TensorFlow is not installed/);
});

test('it names a folder that SPARSE_TENSORFLOW names, and the variable where there is none', (t) => {
  const before = process.env.SPARSE_TENSORFLOW;
  t.after(() => {
    if (before === undefined) delete process.env.SPARSE_TENSORFLOW;
    else process.env.SPARSE_TENSORFLOW = before;
  });
  process.env.SPARSE_TENSORFLOW = join(folder, 'elsewhere');
  assert.match(missing({}), /elsewhere has no @tensorflow\/tfjs-node/);
  delete process.env.SPARSE_TENSORFLOW;
  assert.match(missing({}), /npm install --prefix FOLDER @tensorflow\/tfjs-node, and set SPARSE_TENSORFLOW to that folder/);
});

test('it says why one that is installed does not load', () => {
  const broken = install('broken', '@tensorflow/tfjs-node', (file) => writeFileSync(file, "throw new Error('no addon\\nat all')"));
  assert.match(
    missing({ folder: broken }),
    /@tensorflow\/tfjs-node is in \S+broken but does not load: no addon\. .* npm rebuild --prefix \S+ @tensorflow\/tfjs-node$/,
  );
});

test('what Node 23 removed is there when tfjs-node is loaded', () => {
  const text = "module.exports = [null, undefined, 0].map(require('util').isNullOrUndefined)";
  const from = install('node', '@tensorflow/tfjs-node-gpu', (file) => writeFileSync(file, text));
  assert.deepEqual(loadTensorflow({ folder: from }), { tensorflow: [true, true, false] });
  assert.equal(typeof util.isDeepStrictEqual, 'function');
});

test('one that is installed is found', (t) => {
  if (library.findBackendFactory('tensorflow')) return t.skip('another TensorFlow is loaded');
  const text = `module.exports = require(${JSON.stringify(libraryFile)})`;
  const from = install('whole', '@tensorflow/tfjs', (file) => writeFileSync(file, text));
  assert.match(createTensorflowEngine({ folder: from, backend: 'cpu' }).variant, /^tensorflow-cpu 4\.\d+\.\d+$/);
  const options = { module: library, backend: 'tensorflow' } as const;
  assert.throws(() => createTensorflowEngine(options), /has no backend tensorflow; it has cpu/);
});

test('nothing of it is bundled with what loads it, and the bundle still finds it', async () => {
  const outfile = join(folder, 'bundle.mjs');
  const entryPoints = [join(import.meta.dirname, '../../../server/training/tensorflow/load.ts')];
  const { metafile } = buildSync({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    logLevel: 'error',
  });
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((input) => input.includes('node_modules')),
    [],
  );
  const from = install('bundled', '@tensorflow/tfjs', (file) => writeFileSync(file, "exports.version_core = '1.2.3'"));
  const bundle = (await import(outfile)) as { loadTensorflow: typeof loadTensorflow };
  assert.deepEqual(bundle.loadTensorflow({ folder: from, backend: 'cpu' }), { tensorflow: { version_core: '1.2.3' } });
});
