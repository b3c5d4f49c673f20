import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What the suite reports to the process that started it. */
export type SuiteResult = { readonly title: string; readonly error?: string; readonly skipped?: boolean };

/** VS Code calls this in its extension host: the same bundle serves the desktop and the server. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 30_000, grep: process.env.SPARSE_TEST_GREP });
  mocha.suite.emit('pre-require', globalThis, 'suite', mocha);
  await import('./activation.ts');
  await import('./manifest.ts');
  await import('./language.ts');
  await import('./runs.ts');
  const results: SuiteResult[] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => results.push({ title: test.fullTitle() }));
    runner.on('pending', (test) => results.push({ title: test.fullTitle(), skipped: true }));
    runner.on('fail', (test, error) => results.push({ title: test.fullTitle(), error: error.stack ?? error.message }));
  });
  if (process.env.SPARSE_TEST_RESULT) writeFileSync(process.env.SPARSE_TEST_RESULT, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} failed`);
}
