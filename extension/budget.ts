import { commands, type Disposable, type ExtensionContext, Uri, ViewColumn, type WebviewPanel, window, workspace } from 'vscode';
import type { FromView, RunSummary, ToView, ViewCommand, ViewState } from '../server/protocol.ts';
import type { Client } from './client.ts';
import { page } from './page.ts';
import type { Runs } from './runs.ts';

const TYPE = 'sparse.budget';

/** The Budget view: one panel per run, brought back after a reload. */
export function registerBudget(context: ExtensionContext, client: Client, runs: Runs): { show(run: RunSummary): void } {
  const panels = new Map<string, WebviewPanel>();
  const asset = (path: string) => Uri.joinPath(context.extensionUri, path);
  const assets = asset('dist');

  const fill = (panel: WebviewPanel, folder: string) => {
    panels.set(folder, panel);
    panel.iconPath = { light: asset('media/spec-light.svg'), dark: asset('media/spec-dark.svg') };
    panel.webview.options = { enableScripts: true, localResourceRoots: [assets] };
    const send = async () => {
      const view = await client.request('sparse/view', { folder });
      if (view) panel.title = `${view.run.name}: Budget`;
      const message: ToView = view ? { type: 'run', view } : { type: 'gone', folder };
      await panel.webview.postMessage(message);
    };
    const subscriptions: Disposable[] = [
      panel.webview.onDidReceiveMessage((data) => {
        const message = readMessage(data);
        if (message?.type === 'ready') void send();
        else if (message) void act(message.type, folder, message.candidate, runs);
      }),
      runs.onChange(onlyWhenChanged(runs, folder, send)),
    ];
    panel.onDidDispose(() => {
      panels.delete(folder);
      for (const subscription of subscriptions) subscription.dispose();
    });
    panel.webview.html = page(panel.webview, assets, folder);
  };

  context.subscriptions.push(
    window.registerWebviewPanelSerializer(TYPE, {
      async deserializeWebviewPanel(panel, state: ViewState | undefined) {
        if (typeof state?.folder === 'string') fill(panel, state.folder);
        else panel.dispose();
      },
    }),
  );
  return {
    show(run) {
      const open = panels.get(run.folder);
      if (open) open.reveal();
      else fill(window.createWebviewPanel(TYPE, `${run.name}: Budget`, ViewColumn.Beside), run.folder);
    },
  };
}

const viewCommands: readonly ViewCommand[] = ['openSpec', 'writeFirmware', 'cancelSearch', 'resumeSearch'];

/** A message as the view sends it; anything else is dropped. */
function readMessage(data: unknown): FromView | undefined {
  const { type, candidate } = (data ?? {}) as { type?: unknown; candidate?: unknown };
  if (candidate !== undefined && typeof candidate !== 'string') return undefined;
  if (type === 'ready') return { type };
  const command = viewCommands.find((each) => each === type);
  return command && { type: command, candidate };
}

async function act(command: ViewCommand, folder: string, candidate: string | undefined, runs: Runs): Promise<void> {
  if (command !== 'openSpec') return void (await commands.executeCommand(`sparse.${command}`, folder, candidate));
  const run = runs.find(folder);
  if (run) await window.showTextDocument(await workspace.openTextDocument(Uri.file(run.spec)), ViewColumn.One);
}

/** The list changes with every trial of every run; a view only cares for its own. */
function onlyWhenChanged(runs: Runs, folder: string, send: () => void): () => void {
  let before = '';
  return () => {
    const now = JSON.stringify(runs.find(folder));
    if (now !== before) send();
    before = now;
  };
}
