import { commands, type Disposable, type Memento, window } from 'vscode';
import type { RunStatus, RunSummary } from '../server/protocol.ts';
import type { Runs } from './runs.ts';
import { best } from './words.ts';

const TOLD = 'sparse.told';

/** Says how a search ended that was seen running, or was killed while nobody looked, and offers what comes next. */
export function announce(runs: Runs, memory: Memento): Disposable {
  const since = Date.now();
  let before: Map<string, RunStatus> | undefined;
  return runs.onChange((list) => {
    const told = memory.get<string[]>(TOLD, []);
    // A short run may be over before it is seen running.
    const wasRunning = (run: RunSummary) => before?.get(run.folder) === 'running' || (!before?.has(run.folder) && run.startedAt > since);
    const ended = list.filter((run) => run.status !== 'running' && wasRunning(run));
    const found = before ? [] : list.filter((run) => run.status === 'interrupted' && !told.includes(run.folder));
    for (const run of [...ended, ...found]) void tell(run);
    const interrupted = list.filter((run) => run.status === 'interrupted').map((run) => run.folder);
    if (interrupted.join() !== told.join()) void memory.update(TOLD, interrupted);
    before = new Map(list.map((run) => [run.folder, run.status]));
  });
}

async function tell(run: RunSummary): Promise<void> {
  const { say, message, offers } = news(run);
  const choice = await say(message, ...Object.keys(offers));
  if (choice) await commands.executeCommand(offers[choice], run.folder);
}

type News = {
  say: (message: string, ...items: string[]) => Thenable<string | undefined>;
  message: string;
  /** Commands by the label of their button. */
  offers: { [label: string]: string };
};

function news(run: RunSummary): News {
  const found = best(run);
  const show = { 'Show Budget': 'sparse.showBudget' };
  const resume = { Resume: 'sparse.resumeSearch' };
  if (run.status === 'finished' && found)
    return { say: window.showInformationMessage, message: `${run.name}: ${found}`, offers: { ...show, 'Write C': 'sparse.writeFirmware' } };
  if (run.status === 'finished')
    return { say: window.showWarningMessage, message: `${run.name}: no candidate fits the budget`, offers: show };
  if (run.status === 'cancelled')
    return { say: window.showInformationMessage, message: `${run.name}: search cancelled`, offers: { ...resume, ...show } };
  if (run.status === 'interrupted')
    return {
      say: window.showWarningMessage,
      message: `${run.name}: the search was interrupted, nothing is lost`,
      offers: { ...resume, ...show },
    };
  return {
    say: window.showErrorMessage,
    message: `${run.name}: the search failed${run.error ? `: ${run.error}` : ''}`,
    offers: { 'Show Output': 'sparse.showOutput' },
  };
}
