import { commands, type ExtensionContext, window } from 'vscode';
import { registerBudget } from './budget.ts';
import { startClient } from './client.ts';
import { newExample } from './example.ts';
import { writeFirmware } from './firmware.ts';
import { watchFolders } from './folders.ts';
import { announce } from './news.ts';
import { chooseRun } from './pick.ts';
import { type Runs, runsOf } from './runs.ts';
import { cancelSearch, resumeSearch, runSearch } from './search.ts';
import { showOutput } from './sparse.ts';
import { showStatus } from './status.ts';
import { setUpTensorflow } from './tensorflow.ts';
import { runsTree } from './tree.ts';

/** What tests look at. */
export type Api = { readonly runs: Runs };

export function activate(context: ExtensionContext): Api {
  const client = startClient(context);
  const runs = runsOf(client);
  const budget = registerBudget(context, client, runs);
  const register = (name: string, act: (argument?: unknown, candidate?: unknown) => unknown) =>
    commands.registerCommand(`sparse.${name}`, act);
  context.subscriptions.push(
    runs,
    watchFolders(client),
    announce(runs, context.workspaceState),
    showStatus(runs),
    window.createTreeView('sparse.runs', { treeDataProvider: runsTree(runs) }),
    register('runSearch', (argument) => runSearch(context, runs, argument)),
    register('resumeSearch', (argument) => resumeSearch(context, runs, argument)),
    register('cancelSearch', (argument) => cancelSearch(client, runs, argument)),
    register('showBudget', async (argument) => {
      const run = await chooseRun(runs, argument);
      if (run) budget.show(run);
    }),
    register('writeFirmware', (argument, candidate) => writeFirmware(context, client, runs, argument, candidate)),
    register('setUpTensorflow', () => setUpTensorflow(context)),
    register('newExample', (argument) => newExample(context, argument)),
    register('showOutput', async (argument) => {
      const run = await chooseRun(runs, argument);
      if (run) await showOutput(run.spec);
    }),
  );
  return { runs };
}
