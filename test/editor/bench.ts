/**
 * Measures the extension in a real VS Code: `npm run bench:editor [-- --quick]`. The last line is JSON: the packaged extension's size, the time to
 * activate, and from a keystroke to its problems, at rest and while a search runs on all cores.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFor } from './harness/bundle.ts';
import { root } from './harness/place.ts';
import { prepare, run } from './harness/prepare.ts';
import { packageVsix } from './harness/vsix.ts';
import { runInBrowser } from './harness/web.ts';
import { makeWorkspace, shorten } from './workspace.ts';

const rounds = process.argv.includes('--quick') ? 25 : 200;
prepare();
const scratch = mkdtempSync(join(tmpdir(), 'sparse-bench-'));
try {
  const folder = makeWorkspace(join(scratch, 'workspace'));
  const spec = join(folder, 'digits.sparse.yaml');
  shorten(spec, 600);
  // A spec in the workspace would activate the extension before it can be measured.
  renameSync(spec, `${spec}.later`);
  run('The digits could not be drawn.', join(root, 'dist/sparse.js'), 'digits', join(folder, 'data'));
  const vsixMb = packageVsix(join(scratch, 'sparse.vsix')) / 2 ** 20;
  const report = join(scratch, 'figures.json');
  const code = await runInBrowser(await bundleFor('bench'), folder, { SPARSE_TEST_RESULT: report, SPARSE_BENCH_ROUNDS: String(rounds) });
  if (code !== 0) throw new Error('the measurement failed');
  const figures = { 'vsix.mb': vsixMb, ...JSON.parse(readFileSync(report, 'utf8')) };
  console.log(JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)));
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
