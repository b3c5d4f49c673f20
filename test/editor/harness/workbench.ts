import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { shots } from './place.ts';
import { until } from './process.ts';
import type { Server } from './server.ts';

/** The address that opens a folder in the workbench, or none; `payload` as VS Code's own browser tests pass it. */
export function workbenchUrl(server: Server, folder: string | undefined, payload: [name: string, value: string][] = []): string {
  const query = new URLSearchParams({ payload: JSON.stringify(payload), ...(folder ? { folder } : { ew: 'true' }) });
  return `http://${server.authority}/?${query}`;
}

export const remoteUri = (server: Server, path: string): string => `vscode-remote://${server.authority}${path}`;

/** What a person does in the workbench, and what they see. */
export type Workbench = {
  readonly page: Page;
  /** Through the command palette. */
  command(title: string): Promise<unknown>;
  /** Opens a file of the workspace by name. */
  open(name: string): Promise<unknown>;
  /** A line of the editor that holds the text. */
  line(text: string | RegExp): Locator;
  notification(text: string | RegExp): Locator;
  /** An item of the status bar. */
  status(text: string | RegExp): Locator;
  dialog(text: string | RegExp): Locator;
  /** The content of the one visible webview. */
  webview(): FrameLocator;
  /** Shows all that follows in a theme. */
  theme(theme: Theme): Promise<void>;
  shot(name: string): Promise<void>;
};

export const themes = ['light', 'dark', 'contrast'] as const;
export type Theme = (typeof themes)[number];

export function workbenchOn(page: Page): Workbench {
  const input = page.locator('.quick-input-widget input.input');
  const chosen = (text: string | RegExp) => page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).first();
  // A list that was opened too early stays as it is; it is opened again until it has what is sought.
  const quick = (key: string, text: string, choice: string) =>
    until(`${choice} in the list`, 30_000, async () => {
      await page.keyboard.press(key);
      const found = await fill(text, choice).catch(() => false);
      await page.keyboard.press(found ? 'Enter' : 'Escape');
      return found || undefined;
    });
  const fill = async (text: string, choice: string) => {
    await input.waitFor({ timeout: 2000 });
    await input.fill(text);
    await chosen(choice).waitFor({ timeout: 2000 });
    return true;
  };
  return {
    page,
    command: (title) => quick('F1', `>${title}`, title),
    open: (name) => quick('Control+p', name, name),
    line: (text) => page.locator('.editor-instance .view-line', { hasText: text }).first(),
    notification: (text) => page.locator('.notification-toast', { hasText: text }).first(),
    status: (text) => page.locator('.statusbar-item', { hasText: text }).first(),
    dialog: (text) => page.locator('.monaco-dialog-box', { hasText: text }).first(),
    webview: () => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame'),
    async theme(theme) {
      await page.emulateMedia({
        colorScheme: theme === 'light' ? 'light' : 'dark',
        forcedColors: theme === 'contrast' ? 'active' : 'none',
      });
      await page.locator(`.monaco-workbench.${{ light: 'vs', dark: 'vs-dark', contrast: 'hc-black' }[theme]}`).waitFor();
      // Webviews and file icons follow a little later.
      await page.waitForTimeout(500);
    },
    async shot(name) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}.png`) });
    },
  };
}
