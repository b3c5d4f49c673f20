import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSync } from 'esbuild';
import { createTensorflowEngine, type TensorflowEngine } from '../../../server/training/tensorflow/engine.ts';
import type { Tensorflow } from '../../../server/training/tensorflow/library.ts';
import { loadTensorflow } from '../../../server/training/tensorflow/load.ts';

const installed = loadTensorflow();

/** Where a library with the backend in JavaScript lies, to be required. */
export const libraryFile = bundle();

/** A library with the backend in JavaScript, and the one in C++ where SPARSE_TENSORFLOW names a folder that has it. */
export const library: Tensorflow = 'missing' in installed ? createRequire(import.meta.url)(libraryFile) : installed.tensorflow;

type Subject = { readonly tf: Tensorflow; readonly engine: TensorflowEngine };

/** Tests the engine on the backend in JavaScript, everywhere, and on the one in C++, where it is installed. */
export function testBoth(title: string, body: (subject: Subject) => void): void {
  for (const backend of 'missing' in installed ? (['cpu'] as const) : (['cpu', 'tensorflow'] as const)) {
    test(`${title} (${backend})`, () => {
      const engine = createTensorflowEngine({ module: library, backend });
      const before = library.memory().numTensors;
      body({ tf: library, engine });
      assert.equal(library.memory().numTensors, before, 'tensors are left over');
    });
  }
}

if ('missing' in installed) test('the same in C++', (t) => t.skip(installed.missing));

/** Bundles tfjs-core with its gradients and its JavaScript backend: the part of the package `@tensorflow/tfjs` that the engine uses. */
function bundle(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tensorflow-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tensorflow.cjs');
  const contents = [
    "export * from '@tensorflow/tfjs-core';",
    "import '@tensorflow/tfjs-core/dist/register_all_gradients.js';",
    "import '@tensorflow/tfjs-backend-cpu';",
  ].join('\n');
  const stdin = { contents, resolveDir: import.meta.dirname };
  buildSync({ stdin, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], outfile: file, logLevel: 'error' });
  return file;
}
