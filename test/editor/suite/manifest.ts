import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { extension } from './editor.ts';

suite('manifest', () => {
  const { packageJSON: manifest, extensionPath } = vscode.extensions.getExtension('sparse-mcu.sparse-mcu')!;

  test('every command that is offered exists', async () => {
    await extension();
    const known = await vscode.commands.getCommands(true);
    for (const { command } of manifest.contributes.commands) assert.ok(known.includes(command), command);
  });

  test('every file that is named exists', () => {
    const { languages, grammars, viewsContainers } = manifest.contributes;
    const files = [manifest.icon, manifest.main, languages[0].configuration, ...Object.values<string>(languages[0].icon)];
    files.push(grammars[0].path, viewsContainers.activitybar[0].icon);
    for (const file of files) assert.ok(existsSync(join(extensionPath, file)), file);
  });
});
