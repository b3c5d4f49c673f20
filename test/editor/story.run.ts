/** The story of a user with only the packaged extension. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';
import { until } from './harness/process.ts';
import { themes } from './harness/workbench.ts';
import { beginRun, tell } from './journal.ts';
import { openSession } from './session.ts';
import { makeWorkspace } from './workspace.ts';

const MOST_BYTES = 5 * 1024 * 1024;

describe('the packaged extension', () => {
  const session = openSession('story', (scratch) => makeWorkspace(join(scratch, 'workspace')));
  const { step } = session;

  step('is small', async () => assert.ok(session.vsixBytes < MOST_BYTES, `${session.vsixBytes} bytes`));

  step('a spec is highlighted', async ({ page, open, line, shot }) => {
    await page.locator('.explorer-folders-view').waitFor();
    await open('digits.sparse.yaml');
    await line('name:').waitFor();
    assert.match((await page.locator('#status\\.editor\\.mode').textContent()) ?? '', /SpArSe Spec/);
    // Keys, texts and quantities have looks of their own once the grammar is loaded.
    await until('colours', 15_000, async () => ((await line('2 KB').locator('span > span').count()) > 2 ? true : undefined));
    await shot('spec');
  });

  step('a run appears', async ({ page, command, webview, theme, shot }) => {
    const folder = join(session.scratch, 'workspace');
    const writer = beginRun(folder, 'digits-1');
    const random = (seed: number) => (Math.imul(seed, 2654435761) >>> 0) / 2 ** 32;
    for (let i = 1; i <= 24; i++) {
      const filters = 1 + Math.floor(random(i) * 14);
      tell(writer, i, filters, 0.98 - 0.5 / (filters + 1) - 0.05 * random(i + 100));
    }
    await page.locator('.statusbar-item', { hasText: 'digits: 24 trials' }).waitFor();
    await command('Show Budget');
    await webview().getByRole('heading', { name: 'digits' }).waitFor();
    await page.locator('.activitybar .action-label[aria-label^="SpArSe"]').click();
    for (const each of themes) {
      await theme(each);
      await shot(`budget-${each}`);
    }
    writer.close();
  });
});
