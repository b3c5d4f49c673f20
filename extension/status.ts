import { Disposable, MarkdownString, StatusBarAlignment, window } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import type { Runs } from './runs.ts';
import { best, left } from './words.ts';

/** A status bar item while a search is running; it opens the Budget view. */
export function showStatus(runs: Runs): Disposable {
  const item = window.createStatusBarItem('sparse.search', StatusBarAlignment.Left, 10);
  item.name = 'SpArSe Search';
  const show = () => {
    const running = runs.list().filter((run) => run.status === 'running');
    if (running.length === 0) return item.hide();
    const [first] = running;
    const parts = [`${first.trials} trials`, best(first), left(first)].filter(Boolean);
    item.text = `$(loading~spin) ${first.name}: ${parts.join(', ')}${running.length > 1 ? ` (+${running.length - 1})` : ''}`;
    item.accessibilityInformation = { label: `SpArSe search of ${first.name}: ${parts.join(', ')}` };
    item.tooltip = tooltip(running);
    item.command = { command: 'sparse.showBudget', title: 'Show Budget', arguments: [first.folder] };
    item.show();
  };
  show();
  return Disposable.from(item, runs.onChange(show));
}

function tooltip(running: readonly RunSummary[]): MarkdownString {
  const text = new MarkdownString();
  text.isTrusted = { enabledCommands: ['sparse.showBudget', 'sparse.cancelSearch'] };
  for (const run of running) {
    const argument = encodeURIComponent(JSON.stringify([run.folder]));
    text.appendMarkdown('**').appendText(run.name).appendMarkdown(`**: ${run.trials} trials, ${run.feasible} fit`);
    text.appendMarkdown(`  \n[Show Budget](command:sparse.showBudget?${argument}) · [Cancel](command:sparse.cancelSearch?${argument})\n\n`);
  }
  return text;
}
