import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../../extension/main.ts';
import type { RunSummary } from '../../../server/protocol.ts';
import { beginRun, tell } from '../journal.ts';
import { extension, folder, until } from './editor.ts';

suite('runs', () => {
  test('a run that is started anywhere appears, and is told when it is finished', async () => {
    const { runs } = await extension();
    const writer = beginRun(folder(), 'elsewhere');
    tell(writer, 1, 2, 0.8);
    const seen = (status: RunSummary['status']) => until(status, () => find(runs, 'elsewhere')?.status === status);
    await seen('running');
    writer.append({ type: 'finished', atMs: Date.now(), reason: 'done', chosen: 1 });
    writer.close();
    await seen('finished');
    assert.equal(find(runs, 'elsewhere')?.spec, join(folder(), 'digits.sparse.yaml'));
  });

  test('the Budget view opens once for a run', async () => {
    const { runs } = await extension();
    const run = find(runs, 'elsewhere')!;
    await vscode.commands.executeCommand('sparse.showBudget', run.folder);
    await vscode.commands.executeCommand('sparse.showBudget', run.folder);
    await until('one panel', () => panels().length === 1);
    assert.equal(panels()[0].label, 'digits: Budget');
  });
});

const find = (runs: Api['runs'], name: string): RunSummary | undefined => runs.list().find((run) => run.folder.endsWith(`/${name}`));

const panels = (): vscode.Tab[] =>
  vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ input }) => input instanceof vscode.TabInputWebview);
