import { type Disposable, type Event, EventEmitter } from 'vscode';
import type { RunSummary } from '../server/protocol.ts';
import type { Client } from './client.ts';

/** The runs of the workspace, newest first, as the language server last told. */
export type Runs = Disposable & {
  list(): readonly RunSummary[];
  /** By the run's folder. */
  find(folder: string): RunSummary | undefined;
  readonly onChange: Event<readonly RunSummary[]>;
};

export function runsOf(client: Client): Runs {
  let current: readonly RunSummary[] = [];
  const changed = new EventEmitter<readonly RunSummary[]>();
  const subscription = client.on('sparse/runs', ({ runs }) => {
    current = runs;
    changed.fire(runs);
  });
  return {
    list: () => current,
    find: (folder) => current.find((run) => run.folder === folder),
    onChange: changed.event,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}
