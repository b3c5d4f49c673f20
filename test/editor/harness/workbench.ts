import type { Server } from './server.ts';

/** The address that opens a folder in the workbench; `payload` as VS Code's own browser tests pass it. */
export function workbenchUrl(server: Server, folder: string | undefined, payload: [name: string, value: string][] = []): string {
  const entries = [['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload];
  const query = new URLSearchParams({ payload: JSON.stringify(entries), ...(folder ? { folder } : { ew: 'true' }) });
  return `http://${server.authority}/?${query}`;
}

export const remoteUri = (server: Server, path: string): string => `vscode-remote://${server.authority}${path}`;
