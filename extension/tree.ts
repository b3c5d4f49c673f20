import { ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, workspace } from 'vscode';
import type { RunStatus, RunSummary } from '../server/protocol.ts';
import type { Runs } from './runs.ts';
import { best, left } from './words.ts';

/** The Runs view: newest first; choosing one shows its budget. */
export function runsTree(runs: Runs): TreeDataProvider<RunSummary> {
  return {
    onDidChangeTreeData: (listener) => runs.onChange(() => listener(undefined)),
    getChildren: (run) => (run ? [] : [...runs.list()]),
    getTreeItem: item,
  };
}

function item(run: RunSummary): TreeItem {
  const entry = new TreeItem(run.name);
  entry.id = run.folder;
  entry.description = [...progress(run), best(run), started(run)].filter(Boolean).join(' · ');
  entry.tooltip = `${workspace.asRelativePath(run.spec)}\n${run.trials} trials, ${run.feasible} fit${run.error ? `\n${run.error}` : ''}`;
  entry.contextValue = run.status;
  entry.iconPath = icons[run.status];
  entry.command = { command: 'sparse.showBudget', title: 'Show Budget', arguments: [run.folder] };
  return entry;
}

function progress(run: RunSummary): (string | undefined)[] {
  if (run.status === 'running') return [`${run.trials} trials`, left(run)];
  return run.status === 'finished' ? [] : [run.status];
}

const icons: { [status in RunStatus]: ThemeIcon } = {
  running: new ThemeIcon('loading~spin'),
  finished: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  cancelled: new ThemeIcon('circle-slash'),
  interrupted: new ThemeIcon('debug-disconnect', new ThemeColor('list.warningForeground')),
  failed: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
};

function started(run: RunSummary): string {
  const then = new Date(run.startedAt);
  const today = then.toDateString() === new Date().toDateString();
  return then.toLocaleString('en-GB', today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
}
