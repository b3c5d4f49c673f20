import { launchBrowser } from './browser.ts';
import { root } from './place.ts';
import { startServer } from './server.ts';
import { remoteUri, workbenchUrl } from './workbench.ts';

const LIMIT_MS = 120_000;
/** Native modules that npm's --ignore-scripts leaves out; the server does without. */
const harmless = /bindings file|watchdog|spdlog/;

/** Runs a suite in the extension host of a VS Code server, shown in a browser. Returns VS Code's exit code. */
export async function runInBrowser(suite: string, folder: string, env: { [name: string]: string }): Promise<number> {
  const server = await startServer({ env, development: true });
  const log: string[] = [];
  try {
    const browser = await launchBrowser();
    try {
      const { page } = browser;
      const exit = new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`the suite did not end within ${LIMIT_MS} ms`)), LIMIT_MS).unref();
        page.on('crash', () => reject(new Error('the page crashed')));
        void page.exposeFunction('codeAutomationExit', resolve);
      });
      await page.exposeFunction('codeAutomationLog', (type: string, parts: unknown[]) => log.push(`${type}: ${parts.join(' ')}`));
      await page.goto(
        workbenchUrl(server, folder, [
          ['extensionDevelopmentPath', remoteUri(server, root)],
          ['extensionTestsPath', remoteUri(server, suite)],
        ]),
      );
      const code = await exit;
      if (code !== 0)
        console.error(
          log
            .filter((line) => !harmless.test(line))
            .join('\n')
            .slice(-6000),
        );
      return code;
    } finally {
      await browser.close();
    }
  } catch (error) {
    console.error(log.join('\n').slice(-6000), server.log());
    throw error;
  } finally {
    await server.stop();
  }
}
