import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { extension, folder, until } from '../suite/editor.ts';

/** Milliseconds, by name. */
export type Figures = { readonly [name: string]: number };

/** Measures in the extension host: how fast problems follow a keystroke, at rest and while a search uses all cores. */
export async function run(): Promise<void> {
  const rounds = Number(process.env.SPARSE_BENCH_ROUNDS);
  const begun = performance.now();
  const { runs } = await extension();
  const activateMs = performance.now() - begun;
  const spec = join(folder(), 'digits.sparse.yaml');
  renameSync(`${spec}.later`, spec);
  const document = await vscode.workspace.openTextDocument(spec);
  await vscode.window.showTextDocument(document);
  await diagnosticsMs(document, 5);
  const atRest = await diagnosticsMs(document, rounds);
  await vscode.commands.executeCommand('sparse.runSearch', document.uri);
  await until('a search', () => runs.list().some((run) => run.status === 'running' && run.trials > 0), 30_000);
  const lag = watchLag();
  const busy = await diagnosticsMs(document, rounds);
  const lagMs = lag();
  await vscode.commands.executeCommand('sparse.cancelSearch');
  await until('the end', () => runs.list().every((run) => run.status !== 'running'), 30_000);
  const figures: Figures = {
    'activate.ms': activateMs,
    'diagnostics.p50ms': quantile(atRest, 0.5),
    'diagnostics.p95ms': quantile(atRest, 0.95),
    'busy.diagnostics.p95ms': quantile(busy, 0.95),
    'busy.lag.p95ms': quantile(lagMs, 0.95),
  };
  writeFileSync(process.env.SPARSE_TEST_RESULT!, JSON.stringify(figures));
}

/** From a keystroke that makes or mends a mistake to its problem's coming or going, as an extension sees them. */
async function diagnosticsMs(document: vscode.TextDocument, rounds: number): Promise<number[]> {
  const at = document.positionAt(document.getText().indexOf('trials: ') + 'trials: '.length);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const mistaken of [true, false]) {
      const editing = new vscode.WorkspaceEdit();
      if (mistaken) editing.insert(document.uri, at, 'x');
      else editing.delete(document.uri, new vscode.Range(at, at.translate(0, 1)));
      await vscode.workspace.applyEdit(editing);
      const begun = performance.now();
      await changed(document.uri, (problems) => problems.some(isError) === mistaken);
      times.push(performance.now() - begun);
    }
  }
  return times;
}

const isError = ({ severity }: vscode.Diagnostic): boolean => severity === vscode.DiagnosticSeverity.Error;

/** Looks again and again: the event that tells of problems is held back by 50 ms in the extension host. */
async function changed(uri: vscode.Uri, holds: (problems: vscode.Diagnostic[]) => boolean): Promise<void> {
  while (!holds(vscode.languages.getDiagnostics(uri))) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** How late timers of 10 ms come, until it is asked. */
function watchLag(): () => number[] {
  const late: number[] = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - before - 10));
    before = now;
  }, 10);
  return () => {
    clearInterval(timer);
    return late;
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
