import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileKernels } from '../../.build/kernels.ts';

test('the binaries are what the kernels compile to', async () => {
  const generated = readFileSync(new URL('../../server/training/binaries.ts', import.meta.url), 'utf8');
  assert.ok((await compileKernels()) === generated, 'run `node .build/kernels.ts`');
});
