import * as vscode from 'vscode';
import type { Api } from '../../../extension/main.ts';

/** What the extension exports, once it is active. */
export async function extension(): Promise<Api> {
  return vscode.extensions.getExtension<Api>('sparse-mcu.sparse-mcu')!.activate();
}

/** The open folder. */
export const folder = (): string => vscode.workspace.workspaceFolders![0].uri.fsPath;

export async function until(what: string, holds: () => boolean | Thenable<boolean>, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
