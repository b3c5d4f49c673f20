import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { root } from './place.ts';

/**
 * Runs a suite in a desktop VS Code. `VSCODE_EXECUTABLE` is the path of one, or `download`, which fetches the stable version.
 * Returns VS Code's exit code.
 */
export async function runOnDesktop(suite: string, folder: string, env: { [name: string]: string }): Promise<number> {
  const executable = process.env.VSCODE_EXECUTABLE!;
  const profile = mkdtempSync(join(tmpdir(), 'vscode-profile-'));
  try {
    return await runTests({
      ...(executable === 'download' ? { version: 'stable' } : { vscodeExecutablePath: resolve(executable) }),
      extensionDevelopmentPath: root,
      extensionTestsPath: suite,
      extensionTestsEnv: env,
      launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust', `--user-data-dir=${profile}`],
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
