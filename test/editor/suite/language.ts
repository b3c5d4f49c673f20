import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { handWritten } from '../specs.ts';
import { extension, folder, until } from './editor.ts';

suite('language', () => {
  let document: vscode.TextDocument;
  const position = (word: string) => document.positionAt(document.getText().indexOf(word) + 1);
  const problems = () => vscode.languages.getDiagnostics(document.uri);

  suiteSetup(async () => {
    await extension();
    const file = join(folder(), 'hand.sparse.yaml');
    writeFileSync(file, handWritten);
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    await until('problems', () => problems().length > 0);
  });

  test('layers over the budget are errors on their lines', () => {
    const errors = problems().filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
    assert.ok(errors.some(({ range }) => range.start.line === position('conv2d').line));
  });

  test('each layer tells its shape and RAM', async () => {
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, all);
    assert.equal(hints.length, 7);
    assert.match(String(hints[0].label), /28x28x16.* B/);
  });

  test('hover and completion answer', async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position('ram:'));
    assert.ok(hovers.length > 0);
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      position('tmega328p'),
    );
    assert.ok(items.some(({ label }) => /attiny/i.test(typeof label === 'string' ? label : label.label)));
  });

  test('a mistake is told, and no longer once it is mended', async () => {
    const at = document.positionAt(document.getText().indexOf('ram: 1 KB') + 'ram: 1 KB'.length);
    await edit((editing) => editing.insert(document.uri, at, 'x'));
    await until('the mistake', () => problems().some(({ range }) => range.start.line === at.line));
    await edit((editing) => editing.delete(document.uri, new vscode.Range(at, at.translate(0, 1))));
    await until('no mistake', () => !problems().some(({ range }) => range.start.line === at.line));
  });
});

async function edit(make: (editing: vscode.WorkspaceEdit) => void): Promise<void> {
  const editing = new vscode.WorkspaceEdit();
  make(editing);
  await vscode.workspace.applyEdit(editing);
}
