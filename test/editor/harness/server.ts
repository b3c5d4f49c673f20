import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverNode, vscodeFolder } from './install.ts';
import { startGroup, until } from './process.ts';
import { type Settings, settings } from './settings.ts';

export type Server = {
  readonly authority: string;
  /** Where VS Code keeps its data; also a place for a test's own files. Removed by `stop`. */
  readonly folder: string;
  log(): string;
  stop(): Promise<void>;
};

export type ServerOptions = {
  readonly extensionsFolder?: string;
  /** Reaches the extension host, which inherits the server's environment. */
  readonly env?: { readonly [name: string]: string };
  readonly settings?: Settings;
  /** Lets the page's address name an extension under development and its tests; such a VS Code shows no notifications. */
  readonly development?: boolean;
  /** Asks for trust as a user's own VS Code does; otherwise everything is trusted. */
  readonly workspaceTrust?: boolean;
};

const main = join(vscodeFolder, 'out/server-main.js');
const offline = { EXTENSIONS_GALLERY: '{}' };

/** Starts a VS Code server with a fresh profile on a free port of the loopback interface. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'vscode-'));
  const data = join(folder, 'data');
  const extensions = options.extensionsFolder ?? join(folder, 'extensions');
  mkdirSync(join(data, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  const trust = options.workspaceTrust ?? false;
  const chosen = { ...settings, 'security.workspace.trust.enabled': trust, ...options.settings };
  writeFileSync(join(data, 'User/settings.json'), JSON.stringify(chosen));
  const output = openSync(join(folder, 'server.log'), 'w');
  const args = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'];
  args.push('--server-data-dir', folder, '--user-data-dir', data, '--extensions-dir', extensions);
  args.push('--disable-telemetry', '--disable-experiments', '--disable-getting-started-override');
  if (options.development) args.push('--enable-smoke-test-driver');
  if (!trust) args.push('--disable-workspace-trust');
  const group = startGroup(serverNode(), [main, ...args], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...offline, ...options.env },
  });
  closeSync(output);
  const log = () => telling(readFileSync(join(folder, 'server.log'), 'utf8'));
  const stop = async () => {
    await group.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await until('the VS Code server listens', 60_000, () => {
      if (group.exited()) throw new Error('the VS Code server ended');
      return /Extension host agent listening on (\d+)/.exec(log())?.[1];
    });
    return { authority: `127.0.0.1:${port}`, folder, log, stop };
  } catch (error) {
    console.error(log());
    await stop();
    throw error;
  }
}

/** The server's log without its complaints about native modules that npm's --ignore-scripts left out, and without which it does. */
function telling(log: string): string {
  const harmless = /spdlog|vsda|^\s+at |tries: \[|^\s*[\]}],?$|Cannot find module|Require stack|code: 'MODULE_NOT_FOUND'/;
  const lines = log.split('\n').filter((line) => line !== '' && !harmless.test(line));
  return lines.slice(-40).join('\n');
}

/** Installs a packaged extension with VS Code's own command line. */
export function installVsix(vsix: string, extensionsFolder: string): void {
  const data = mkdtempSync(join(tmpdir(), 'vscode-install-'));
  const args = ['--accept-server-license-terms', '--server-data-dir', data, '--extensions-dir', extensionsFolder];
  const { status, stdout, stderr } = spawnSync(serverNode(), [main, ...args, '--install-extension', vsix, '--force', '--do-not-sync'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...offline },
  });
  rmSync(data, { recursive: true, force: true });
  if (status !== 0 || !/was successfully installed/.test(stdout))
    throw new Error(`the .vsix could not be installed:\n${stdout}\n${stderr}`);
}
