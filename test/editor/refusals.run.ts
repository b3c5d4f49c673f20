/** Where nothing can be searched, and how that is said. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { workbenchUrl } from './harness/workbench.ts';
import { openSession } from './session.ts';
import { makeWorkspace } from './workspace.ts';

describe('the extension, in the way', () => {
  const session = openSession('refusals', (scratch) => makeWorkspace(join(scratch, 'workspace')), { workspaceTrust: true });
  const { step } = session;

  step(
    'checks a spec in a folder that is not trusted, but does not search',
    async ({ page, open, line, command, notification, shot, status }) => {
      await status('Restricted Mode').waitFor();
      await open('digits.sparse.yaml');
      await line('trials:').click();
      await page.keyboard.press('End');
      await page.keyboard.type('x');
      await page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
      await command('Run SpArSe Search');
      await notification(/needs a workspace that you trust/).waitFor();
      await shot('untrusted');
      assert.equal(existsSync(join(session.scratch, 'workspace/.sparse')), false);
    },
  );

  step('says that no folder is open, and offers one', async ({ page, command, notification, shot }) => {
    page.on('dialog', (dialog) => dialog.accept());
    await page.goto(workbenchUrl(session.server, undefined));
    await command('Run SpArSe Search');
    await notification(/No folder is open/).waitFor();
    await shot('no-folder');
  });
});
