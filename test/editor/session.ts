import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { type Browser, launchBrowser } from './harness/browser.ts';
import { installVsix, type Server, type ServerOptions, startServer } from './harness/server.ts';
import { packageVsix } from './harness/vsix.ts';
import { type Workbench, workbenchOn, workbenchUrl } from './harness/workbench.ts';

/** A VS Code with the packaged extension, in a browser; what is in it is there once the tests have begun. */
export type Session = {
  /** A folder for the tests' own files, removed at the end. */
  readonly scratch: string;
  server: Server;
  browser: Browser;
  workbench: Workbench;
  vsixBytes: number;
  /** One step of a story. Steps build on one another: after a failure the rest is not tried. */
  step(name: string, act: (workbench: Workbench) => Promise<void>): void;
};

/** To be called inside `describe`. The folder is opened, or none. */
export function openSession(name: string, makeFolder: (scratch: string) => string | undefined, options: ServerOptions = {}): Session {
  const scratch = mkdtempSync(join(tmpdir(), 'sparse-story-'));
  let broken = false;
  const session = { scratch, step } as Session;

  before(async () => {
    const vsix = join(scratch, 'sparse.vsix');
    const extensionsFolder = join(scratch, 'extensions');
    session.vsixBytes = packageVsix(vsix);
    installVsix(vsix, extensionsFolder);
    session.server = await startServer({ ...options, extensionsFolder });
    session.browser = await launchBrowser();
    session.workbench = workbenchOn(session.browser.page);
    await session.browser.page.goto(workbenchUrl(session.server, makeFolder(scratch)));
  });

  after(async () => {
    if (broken) console.error(session.server.log());
    await session.browser?.close();
    await session.server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });

  function step(title: string, act: (workbench: Workbench) => Promise<void>): void {
    it(title, async (test) => {
      if (broken) return test.skip('an earlier step failed');
      broken = true;
      try {
        await act(session.workbench);
        broken = false;
      } finally {
        if (broken) await session.workbench.shot(`failure-${name}`).catch(() => {});
      }
    });
  }

  return session;
}
