import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type InlayHint,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { handWritten } from '../editor/specs.ts';
import { example } from '../spec/example.ts';

const main = fileURLToPath(new URL('../../server/language/main.ts', import.meta.url));

test('the server as other editors start it: over stdio, with data, prices and closed specs, until it is told to end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-process-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'closed.sparse.yaml'), 'name: [');
  writeFileSync(join(folder, 'lost.sparse.yaml'), example);
  const child = spawn(process.execPath, [main, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => child.kill());
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const uri = pathToFileURL(join(folder, 'hand.sparse.yaml')).href;
  const told = new Map<string, string[]>();
  let wake = () => {};
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    told.set(
      params.uri,
      params.diagnostics.map(({ code }) => String(code)),
    );
    wake();
  });
  const until = async (holds: () => boolean) => {
    while (!holds())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  connection.listen();
  const workspaceFolders = [{ uri: pathToFileURL(folder).href, name: 'tasks' }];
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders,
    capabilities: { textDocument: { publishDiagnostics: {} } },
  });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'sparse-spec', version: 1, text: handWritten },
  });
  await until(() => (told.get(pathToFileURL(join(folder, 'closed.sparse.yaml')).href)?.length ?? 0) > 0);
  await until(() => Boolean(told.get(pathToFileURL(join(folder, 'lost.sparse.yaml')).href)?.includes('data')));
  await until(() => Boolean(told.get(uri)?.includes('data') && told.get(uri)?.includes('overRam')));
  const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const hints = await connection.sendRequest<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range });
  assert.match(String(hints[0].label), /^28x28x16 · [\d,]+ B · [\d,]+ B flash · ~[\d.]+ M cycles · (row|pixel)-streamed/);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  assert.equal(await ended, 0);
  assert.equal(errors, '');
  connection.dispose();
});
