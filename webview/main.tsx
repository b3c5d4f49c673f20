import { render } from 'preact';
import type { FromView, RunView, ViewState } from '../server/protocol.ts';
import { Budget } from './budget.tsx';
import { readMessage } from './message.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): ViewState | undefined;
  setState(state: ViewState): void;
};

const vscode = acquireVsCodeApi();
const root = document.getElementById('root')!;
const folder = root.dataset.folder!;
let view: RunView | undefined;
let chosen = vscode.getState()?.candidate;

window.addEventListener('message', (event) => {
  const message = readMessage(event.data);
  if (!message) return;
  if (message.type === 'gone') return void render(<p role="status">The run is gone: {message.folder}</p>, root);
  view = message.view;
  show();
});
keep();
vscode.postMessage({ type: 'ready' });

function show(): void {
  if (!view) return;
  // A candidate that has left the front gives way to the recommended one.
  const id = view.candidates.some((candidate) => candidate.id === chosen) ? chosen : (view.chosen ?? view.candidates.at(-1)?.id);
  keep();
  const choose = (next: string) => {
    chosen = next;
    show();
  };
  render(<Budget view={view} chosen={id} choose={choose} send={(type) => vscode.postMessage({ type, candidate: id })} />, root);
}

function keep(): void {
  vscode.setState({ folder, candidate: chosen });
}
