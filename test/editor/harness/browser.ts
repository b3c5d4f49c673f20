import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

export type Browser = {
  readonly page: Page;
  /** Addresses outside this machine that the page asked for, none of which was reached. */
  readonly blocked: ReadonlySet<string>;
  close(): Promise<void>;
};

export async function launchBrowser(size = { width: 1280, height: 800 }): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  args.push('--disable-component-update', '--disable-sync', '--disable-dev-shm-usage');
  args.push('--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    viewport: size,
    args,
  });
  const blocked = new Set<string>();
  await context.route(
    (url) => url.protocol.startsWith('http') && url.hostname !== '127.0.0.1',
    (route) => {
      blocked.add(route.request().url());
      return route.abort();
    },
  );
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(30_000);
  return {
    page,
    blocked,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The browser that shows the workbench; a clear word where there is none. */
export function chromiumPath(): string {
  const named = process.env.CHROMIUM;
  const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = (named ? [named] : known).find((path) => existsSync(path));
  if (found) return found;
  throw new Error(
    named
      ? `CHROMIUM names ${named}, which does not exist.`
      : 'The editor tests need a Chromium browser: `apt-get install chromium`, or set CHROMIUM to the path of one.',
  );
}
