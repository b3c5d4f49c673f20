import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundleFor } from './harness/bundle.ts';
import { runOnDesktop } from './harness/desktop.ts';
import { runInBrowser } from './harness/web.ts';
import type { SuiteResult } from './suite/index.ts';
import { makeWorkspace } from './workspace.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sparse-suite-'));
try {
  const folder = makeWorkspace(join(scratch, 'workspace'));
  const report = join(scratch, 'results.json');
  const start = process.env.VSCODE_EXECUTABLE ? runOnDesktop : runInBrowser;
  const code = await start(await bundleFor('suite'), folder, { SPARSE_TEST_RESULT: report });
  const results: SuiteResult[] = JSON.parse(readFileSync(report, 'utf8'));
  for (const { title, error, skipped } of results) test(title, { skip: skipped }, () => assert.equal(error, undefined, error));
  test('VS Code ended well and ran tests', () => {
    assert.equal(code, 0);
    assert.ok(results.length > 0);
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
