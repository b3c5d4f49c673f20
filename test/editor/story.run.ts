/** The story of a user with only the packaged extension, from the example to proven C in the firmware project. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { until } from './harness/process.ts';
import { themes } from './harness/workbench.ts';
import { openSession } from './session.ts';
import { handWritten } from './specs.ts';
import { makeEmpty, shorten } from './workspace.ts';

const MOST_BYTES = 5 * 1024 * 1024;
const SEARCH_MS = 60_000;

describe('the packaged extension', () => {
  const session = openSession('story', (scratch) => makeEmpty(join(scratch, 'workspace')));
  const { step } = session;
  const project = join(session.scratch, 'workspace/digits');

  step('is small', async () => assert.ok(session.vsixBytes < MOST_BYTES, `${session.vsixBytes} bytes`));

  step('makes a project from the example', async ({ page, command, line, shot }) => {
    await page.locator('.explorer-folders-view').waitFor();
    await command('New SpArSe Project from Digits Example');
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Make Project Here' }).click();
    await line('name:').waitFor();
    assert.match((await page.locator('#status\\.editor\\.mode').textContent()) ?? '', /SpArSe Spec/);
    assert.ok(existsSync(join(project, 'data/train-images-idx3-ubyte.gz')));
    // Keys, texts and quantities have looks of their own once the grammar is loaded.
    await until('colours', 15_000, async () => ((await line('2 KB').locator('span > span').count()) > 2 ? true : undefined));
    await page.locator('.codelens-decoration', { hasText: 'Run SpArSe Search' }).waitFor();
    await shot('spec');
  });

  step('shows the RAM of each layer, and which is too large', async ({ page, open, line, theme, shot }) => {
    writeFileSync(join(project, 'hand.sparse.yaml'), handWritten);
    await open('hand.sparse.yaml');
    await line(/maxPool.*\sB/).waitFor();
    await page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    for (const each of themes) {
      await theme(each);
      await shot(`layers-${each}`);
    }
    await theme('light');
  });

  step('does not search with a broken spec, and goes to the error', async ({ page, open, line, command, notification, shot }) => {
    shorten(join(project, 'digits.sparse.yaml'), 18);
    await open('digits.sparse.yaml');
    // This VS Code has no native module to watch files with.
    await command('File: Revert File');
    await line('trials: 5000').click();
    await page.keyboard.press('End');
    await page.keyboard.type('x');
    await page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await command('Run SpArSe Search');
    await notification(/digits\.sparse\.yaml, line 19/).waitFor();
    await shot('broken');
    await page.keyboard.press('Control+z');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+s');
    await command('Notifications: Clear All Notifications');
    assert.equal(existsSync(join(project, '.sparse/runs')), false);
  });

  step('searches, and finds the search again after a reload', async ({ page, status, notification, shot }) => {
    await page.getByRole('button', { name: 'Run SpArSe Search' }).first().click();
    await status(/digits: \d+ trials/).waitFor();
    await shot('searching');
    await page.reload();
    await status(/digits: [1-9]\d* trials/).waitFor();
    await notification(/digits: \d.* % in .* B/).waitFor({ timeout: SEARCH_MS });
    await shot('found');
  });

  step('shows the budget, and another candidate by keyboard', async ({ page, notification, webview, theme, shot }) => {
    await notification(/digits: \d/)
      .getByRole('button', { name: 'Show Budget' })
      .click();
    await webview().getByRole('heading', { name: 'digits' }).waitFor();
    const summary = webview().locator('.summary');
    const before = await summary.textContent();
    await webview().locator('.front input:checked').focus();
    await page.keyboard.press('ArrowRight');
    await until('another candidate', 5000, async () => ((await summary.textContent()) !== before ? true : undefined));
    await page.getByRole('tab', { name: 'SpArSe' }).first().click();
    for (const each of themes) {
      await theme(each);
      await shot(`budget-${each}`);
    }
    await theme('light');
  });

  step('writes C after showing it, and proves it', async ({ page, dialog, notification, webview, shot }) => {
    await webview().getByRole('button', { name: 'Write C to Firmware Project' }).click();
    await dialog(/Write candidate/).waitFor();
    await shot('write');
    await dialog(/Write candidate/)
      .getByRole('button', { name: 'Show Changes' })
      .click();
    await page.locator('.multiDiffEntry').first().waitFor();
    await notification(/Write candidate/).waitFor();
    await shot('changes');
    await notification(/Write candidate/)
      .getByRole('button', { name: 'Write Files' })
      .click();
    await notification(/The C is in/).waitFor({ timeout: SEARCH_MS });
    await shot('proven');
    assert.match(readFileSync(join(project, 'firmware/lib/digits/digits.c'), 'utf8'), /digits_push_row/);
  });

  step('brings the Budget view back after a reload, the chosen candidate too', async ({ page, webview }) => {
    const candidate = () => webview().locator('.summary dd').first().textContent();
    const before = await candidate();
    await page.reload();
    await webview().getByRole('heading', { name: 'digits' }).waitFor();
    assert.equal(await candidate(), before);
  });

  step('asks before it writes outside of the workspace', async ({ open, command, dialog, page }) => {
    const outside = join(session.scratch, 'outside');
    const spec = join(project, 'digits.sparse.yaml');
    writeFileSync(spec, readFileSync(spec, 'utf8').replace('folder: firmware/lib/digits', `folder: ${outside}`));
    await open('digits.sparse.yaml');
    await command('SpArSe: Write C to Firmware Project');
    await dialog(/outside of this workspace/)
      .getByRole('button', { name: 'Cancel' })
      .click();
    assert.equal(existsSync(outside), false);
    await page.keyboard.press('Escape');
  });

  step('says when a search was killed, and goes on with it', async ({ command, status, notification, shot }) => {
    await command('Run SpArSe Search');
    await status(/digits: [1-9]\d* trials/).waitFor();
    const [run] = readdirSync(join(project, '.sparse/runs')).sort().slice(-1);
    const { pid } = JSON.parse(readFileSync(join(project, '.sparse/runs', run, 'lock'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await notification(/the search was interrupted/).waitFor();
    await shot('interrupted');
    await notification(/the search was interrupted/)
      .getByRole('button', { name: 'Resume' })
      .click();
    await status(/digits: [1-9]\d* trials/).waitFor();
    await command('SpArSe: Cancel Search');
    await notification(/search cancelled/).waitFor();
    await shot('cancelled');
  });
});
