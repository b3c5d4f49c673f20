import assert from 'node:assert/strict';
import * as vscode from 'vscode';

suite('activation', () => {
  test('a *.sparse.yaml file has its own language, any other YAML file has not', async () => {
    const open = async (name: string) => {
      const [uri] = await vscode.workspace.findFiles(name);
      return (await vscode.workspace.openTextDocument(uri)).languageId;
    };
    assert.equal(await open('digits.sparse.yaml'), 'sparse-spec');
    assert.equal(await open('other.yaml'), 'yaml');
  });
});
