/**
 * The story of a user with only the packaged extension: open the example, break the spec, search, look at the budget, write C.
 * Steps build on one another: after a failure the rest is not tried.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Browser, launchBrowser } from './harness/browser.ts';
import { until } from './harness/process.ts';
import { installVsix, type Server, startServer } from './harness/server.ts';
import { packageVsix } from './harness/vsix.ts';
import { type Workbench, workbenchOn, workbenchUrl } from './harness/workbench.ts';
import { makeWorkspace } from './workspace.ts';

const MOST_BYTES = 5 * 1024 * 1024;

describe('the packaged extension', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'sparse-story-'));
  const folder = makeWorkspace(join(scratch, 'workspace'));
  let server: Server;
  let browser: Browser;
  let workbench: Workbench;
  let broken = false;

  const step = (name: string, act: () => Promise<void>) =>
    it(name, async (test) => {
      if (broken) return test.skip('an earlier step failed');
      broken = true;
      try {
        await act();
        broken = false;
      } finally {
        if (broken) await workbench.shot('failure').catch(() => {});
      }
    });

  before(async () => {
    const vsix = join(scratch, 'sparse.vsix');
    const extensionsFolder = join(scratch, 'extensions');
    assert.ok(packageVsix(vsix) < MOST_BYTES);
    installVsix(vsix, extensionsFolder);
    server = await startServer({ extensionsFolder });
    browser = await launchBrowser();
    workbench = workbenchOn(browser.page);
    await browser.page.goto(workbenchUrl(server, folder));
  });

  after(async () => {
    if (broken) console.error(server.log().slice(-3000));
    await browser?.close();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });

  step('a spec is highlighted', async () => {
    await browser.page.locator('.explorer-folders-view').waitFor();
    await workbench.open('digits.sparse.yaml');
    await workbench.line('name:').waitFor();
    assert.match((await browser.page.locator('#status\\.editor\\.mode').textContent()) ?? '', /SpArSe Spec/);
    // Keys, texts and quantities have looks of their own once the grammar is loaded.
    await until('colours', 15_000, async () => ((await workbench.line('2 KB').locator('span > span').count()) > 2 ? true : undefined));
    await workbench.shot('spec');
  });
});
