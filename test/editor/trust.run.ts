import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { openSession } from './session.ts';
import { makeWorkspace } from './workspace.ts';

describe('a workspace that is not trusted', () => {
  const session = openSession('trust', (scratch) => makeWorkspace(join(scratch, 'workspace')), { workspaceTrust: true });
  const { step } = session;

  step('does not search, and says why', async ({ page, open, line, command, notification, shot }) => {
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await open('digits.sparse.yaml');
    await line('name:').waitFor();
    await command('Run SpArSe Search');
    await notification(/needs a workspace that you trust/).waitFor();
    await shot('untrusted');
    assert.equal(existsSync(join(session.scratch, 'workspace/.sparse')), false);
  });
});
