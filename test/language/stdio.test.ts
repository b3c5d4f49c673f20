import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  type CodeLens,
  createConnection,
  createProtocolConnection,
  type Definition,
  type DocumentDiagnosticReport,
  type DocumentLink,
  type FoldingRange,
  type InitializeResult,
  type PublishDiagnosticsParams,
  type SelectionRange,
  type SemanticTokens,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceDiagnosticReport,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { type LanguageOptions, startLanguageServer } from '../../server/language/server.ts';
import { changed, example } from '../spec/example.ts';
import { fakePrice } from '../spec/price.ts';

const at = (line: number, character: number) => ({ line, character });

test('all that editors ask of a spec is answered', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'train.csv'), '1,a\n2,b\n');
  const editor = await connect(t, { price: fakePrice }, folder, { textDocument: { publishDiagnostics: {} } });
  const text = changed('data/train-images-idx3-ubyte.gz', 'train.csv').replace('strategy: evolution', 'strategy: evolutoin');
  await editor.open('a.sparse.yaml', text);
  const uri = editor.uri('a.sparse.yaml');
  const ask = <Result>(method: string, params: object = {}) => editor.ask<Result>(method, { textDocument: { uri }, ...params });
  const { capabilities } = editor.initialized;
  assert.equal(capabilities.diagnosticProvider, undefined, 'problems come once, not twice');
  const [link] = await ask<DocumentLink[]>('textDocument/documentLink');
  assert.equal(link.target, editor.uri('train.csv'));
  assert.deepEqual(await ask<Definition>('textDocument/definition', { position: at(4, 24) }), {
    uri: editor.uri('train.csv'),
    range: { start: at(0, 0), end: at(0, 0) },
  });
  assert.ok((await ask<FoldingRange[]>('textDocument/foldingRange')).length >= 4);
  const [selection] = await ask<SelectionRange[]>('textDocument/selectionRange', { positions: [at(1, 7)] });
  assert.deepEqual(selection.range, { start: at(1, 6), end: at(1, 12) });
  assert.equal((await ask<SemanticTokens>('textDocument/semanticTokens/full')).data.length, 60);
  assert.deepEqual(await ask<TextEdit[]>('textDocument/formatting', { options: {} }), []);
  const problem = { start: at(20, 14), end: at(20, 14) };
  const actions = await ask<CodeAction[]>('textDocument/codeAction', { range: problem, context: { diagnostics: [] } });
  assert.deepEqual(
    actions.map(({ title }) => title),
    ['Change to evolution'],
  );
  const edit = await ask<WorkspaceEdit>('textDocument/rename', { position: at(8, 13), newName: 'nought' });
  assert.deepEqual(
    edit.changes![uri].map(({ newText }) => newText),
    ['nought'],
  );
  await assert.rejects(ask('textDocument/rename', { position: at(8, 13), newName: 'one' }), /there is a class named one already/);
  assert.equal(await ask('textDocument/prepareRename', { position: at(1, 1) }), null);
  assert.equal((await ask<CodeLens[]>('textDocument/codeLens')).length, 1);
  const report = await ask<DocumentDiagnosticReport>('textDocument/diagnostic');
  assert.equal(report.kind === 'full' && report.items.length, 2);
});

test('an editor that asks for problems is not sent them', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'closed.sparse.yaml'), 'name: [');
  const editor = await connect(t, { closed: true, delayMs: 1 }, folder, { textDocument: { diagnostic: {} } });
  assert.ok(editor.initialized.capabilities.diagnosticProvider);
  await editor.open('a.sparse.yaml', 'name: [');
  const { items } = await editor.ask<DocumentDiagnosticReport & { items: unknown[] }>('textDocument/diagnostic', {
    textDocument: { uri: editor.uri('a.sparse.yaml') },
  });
  assert.ok(items.length > 0);
  const all = await editor.ask<WorkspaceDiagnosticReport>('workspace/diagnostic', { previousResultIds: [] });
  assert.deepEqual(
    all.items.map(({ uri }) => uri),
    [editor.uri('closed.sparse.yaml')],
  );
  assert.deepEqual(editor.published, []);
});

test('specs that are not open are told of, and again when one is closed', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'closed.sparse.yaml'), 'name: [');
  const editor = await connect(t, { closed: true, delayMs: 1 }, folder, { textDocument: { publishDiagnostics: {} } });
  const next = await editor.next();
  assert.equal(next.uri, editor.uri('closed.sparse.yaml'));
  assert.ok(next.diagnostics.length > 0);
  await editor.open('closed.sparse.yaml', example);
  assert.deepEqual((await editor.next()).diagnostics, []);
  await editor.connection.sendNotification('textDocument/didClose', { textDocument: { uri: next.uri } });
  assert.deepEqual((await editor.next()).diagnostics, next.diagnostics);
  rmSync(join(folder, 'closed.sparse.yaml'));
  await editor.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: next.uri, type: 3 }] });
  assert.deepEqual((await editor.next()).diagnostics, []);
});

test('what is found outside is published once it is known', async (t) => {
  const folder = scratch(t);
  const data = async () => ({ faults: [{ field: 'train.samples' as const, message: 'is not there' }] });
  const editor = await connect(t, { delayMs: 1, quietMs: 1, looks: { data } }, folder, { textDocument: { publishDiagnostics: {} } });
  await editor.open('a.sparse.yaml', example);
  assert.deepEqual((await editor.next()).diagnostics, []);
  assert.deepEqual(
    (await editor.next()).diagnostics.map(({ code }) => code),
    ['data'],
  );
});

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-stdio-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An editor and a server in one process, with streams between them as over stdio. */
async function connect(t: TestContext, options: LanguageOptions, folder: string, capabilities: object) {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startLanguageServer(server, options);
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const published: PublishDiagnosticsParams[] = [];
  const waiting: ((params: PublishDiagnosticsParams) => void)[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    const wake = waiting.shift();
    if (wake) wake(params);
    else published.push(params);
  });
  connection.listen();
  const uri = (name: string) => pathToFileURL(join(folder, name)).href;
  const initialized = await connection.sendRequest<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    capabilities,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'tasks' }],
  });
  await connection.sendNotification('initialized', {});
  t.after(async () => {
    await connection.sendRequest('shutdown');
    connection.dispose();
    server.dispose();
  });
  return {
    connection,
    initialized,
    published,
    uri,
    open: (name: string, text: string) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uri(name), languageId: 'sparse-spec', version: 1, text },
      }),
    ask: <Result>(method: string, params: object): Promise<Result> => connection.sendRequest(method, params),
    next: async () => published.shift() ?? new Promise<PublishDiagnosticsParams>((resolve) => waiting.push(resolve)),
  };
}
