/**
 * The editor's tests in a real VS Code: `npm run test:editor`. A suite in the extension host, then a story driven through the browser
 * on the packaged extension. Ends with a line of counts; exits 1 on a failure and where the tests cannot run.
 */
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { prepare } from './harness/prepare.ts';

const LIMIT_MS = 240_000;

if (process.env.SPARSE_SKIP_EDITOR === '1') {
  console.log('editor tests left out: SPARSE_SKIP_EDITOR is 1');
  process.exit(0);
}
prepare();
const only = process.argv.slice(2);
const files = ['suite.run.ts', 'story.run.ts', 'refusals.run.ts'].filter(
  (file) => only.length === 0 || only.some((word) => file.startsWith(word)),
);
const total = { passed: 0, failed: 0 };
run({ files: files.map((file) => join(import.meta.dirname, file)), concurrency: 1, timeout: LIMIT_MS })
  .on('test:summary', ({ file, counts }) => {
    if (file) return;
    total.passed = counts.passed;
    total.failed = counts.tests - counts.passed - counts.skipped - counts.todo;
  })
  .compose(new spec())
  .on('end', () => {
    console.log(`${total.passed} passed, ${total.failed} failed`);
    process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
  })
  .pipe(process.stdout);
