import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import {
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type InlayHint,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type LanguageOptions, startLanguageServer } from '../../server/language/server.ts';
import { example } from '../spec/example.ts';
import { fakePrice } from '../spec/price.ts';

const uri = 'file:///tasks/digits.sparse.yaml';

test('a spec is served: its problems, layers, words and fixes', async (t) => {
  const editor = await connect(t, { price: fakePrice });
  const first = editor.diagnostics();
  await editor.open(uri, example);
  assert.deepEqual(
    (await first).map(({ code, severity }) => [code, severity]),
    [['peak', 3]],
  );
  const inlays = await editor.ask<InlayHint[]>('textDocument/inlayHint', { range: { start: at(0, 0), end: at(99, 0) } });
  assert.deepEqual(
    inlays.map(({ label }) => label),
    [
      '14x14x8 · 80 B · whole',
      '14x14x8 · no RAM of its own',
      '12x12x16 · 240 B · whole',
      '6x6x16 · 160 B · whole',
      '1x1x10 · 100 B · whole',
    ],
  );
  const some = await editor.ask<InlayHint[]>('textDocument/inlayHint', { range: { start: at(15, 0), end: at(16, 0) } });
  assert.equal(some.length, 2);
  const hover = await editor.ask<Hover>('textDocument/hover', { position: at(11, 8) });
  assert.match((hover.contents as { value: string }).value, /Here: 2,048 B/);
  const [lens] = await editor.ask<CodeLens[]>('textDocument/codeLens', {});
  assert.deepEqual(lens.command, { title: 'Run SpArSe Search', command: 'sparse.runSearch', arguments: [uri] });
  const symbols = await editor.ask<DocumentSymbol[]>('textDocument/documentSymbol', {});
  assert.ok(symbols.some(({ name, children }) => name === 'network' && children?.length === 5));
  const [chip] = await editor.ask<CompletionItem[]>('textDocument/completion', { position: at(10, 12) });
  assert.equal(chip.label, 'attiny84');
  assert.equal(await editor.ask('textDocument/hover', { position: at(0, 0) }), null);
});

test('problems follow the keystrokes, and a fix mends them', async (t) => {
  const editor = await connect(t);
  let told = editor.diagnostics();
  await editor.open(uri, example);
  assert.deepEqual(await told, []);
  told = editor.diagnostics();
  await editor.type(uri, 2, { start: at(20, 12), end: at(20, 21) }, 'evolutoin');
  const [problem] = await told;
  assert.deepEqual([problem.code, problem.range, problem.source], ['unknownValue', { start: at(20, 12), end: at(20, 21) }, 'sparse']);
  assert.match(problem.message as string, /Did you mean evolution\?$/);
  const [action] = await editor.ask<CodeAction[]>('textDocument/codeAction', { range: problem.range, context: { diagnostics: [problem] } });
  assert.deepEqual([action.title, action.kind, action.isPreferred], ['Change to evolution', 'quickfix', true]);
  const [edit] = action.edit!.changes![uri];
  told = editor.diagnostics();
  await editor.type(uri, 3, edit.range, edit.newText);
  assert.deepEqual(await told, []);
});

test('the firmware project gives the chip that is left out, and is completed first', async (t) => {
  const project = () => ({ file: 'platformio.ini', chip: 'atmega2560' });
  const editor = await connect(t, { delayMs: 1, quietMs: 1, looks: { project } });
  await editor.open(uri, example.replace('  chip: atmega328p\n', '  chip: \n'));
  await editor.published(2);
  const [chip] = await editor.ask<CompletionItem[]>('textDocument/completion', { position: at(10, 8) });
  assert.deepEqual([chip.label, chip.detail], ['atmega2560', '8 KB RAM, 256 KB flash, of platformio.ini']);
  await editor.type(uri, 2, { start: at(10, 0), end: at(11, 0) }, '');
  const told = (await editor.published(3))[2].diagnostics;
  assert.deepEqual(
    told.map(({ code, severity, range }) => [code, severity, range.start.line]),
    [['projectChip', 3, 9]],
  );
  const { contents } = await editor.ask<Hover>('textDocument/hover', { position: at(9, 2) });
  assert.match((contents as { value: string }).value, /\| ATmega2560, from platformio\.ini \| 2,048 B \|/);
});

test('completions are snippets only where the editor takes them', async (t) => {
  for (const snippetSupport of [true, false]) {
    const editor = await connect(t, {}, snippetSupport);
    await editor.open(uri, 'network:\n  - co');
    const items = await editor.ask<CompletionItem[]>('textDocument/completion', { position: at(1, 6) });
    const conv2d = items.find(({ label }) => label === 'conv2d')!;
    assert.deepEqual(conv2d.textEdit, {
      range: { start: at(1, 4), end: at(1, 6) },
      newText: snippetSupport ? 'conv2d: { filters: $1, kernel: $2 }' : 'conv2d: { filters: , kernel:  }',
    });
    assert.equal(conv2d.insertTextFormat, snippetSupport ? 2 : 1);
  }
});

test('only specs are read', async (t) => {
  const editor = await connect(t);
  const other = 'file:///tasks/docker-compose.yaml';
  await editor.open(other, 'name: [');
  assert.equal(await editor.connection.sendRequest('textDocument/hover', { textDocument: { uri: other }, position: at(0, 1) }), null);
  await editor.open(uri, 'name: [');
  assert.deepEqual(
    (await editor.published(1)).map((params) => params.uri),
    [uri],
  );
});

test('a closed spec has no problems', async (t) => {
  const editor = await connect(t);
  await editor.open(uri, 'name: [');
  await editor.published(1);
  await editor.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual((await editor.published(2))[1], { uri, diagnostics: [] });
});

test('a bug in the price is logged, and the rest is served', async (t) => {
  const editor = await connect(t, {
    price: () => {
      throw new Error('out of order');
    },
  });
  const logged = new Promise<string>((resolve) => editor.connection.onNotification('window/logMessage', ({ message }) => resolve(message)));
  await editor.open(uri, example);
  const inlays = await editor.ask<InlayHint[]>('textDocument/inlayHint', { range: { start: at(0, 0), end: at(99, 0) } });
  assert.equal(inlays[0].label, '14x14x8');
  assert.match(await logged, /out of order/);
  assert.deepEqual((await editor.published(1))[0].diagnostics, []);
});

const at = (line: number, character: number) => ({ line, character });

type Editor = {
  readonly connection: ProtocolConnection;
  open(uri: string, text: string): Promise<void>;
  type(uri: string, version: number, range: Diagnostic['range'], text: string): Promise<void>;
  ask<Result>(method: string, params: object): Promise<Result>;
  /** The next diagnostics that are published. */
  diagnostics(): Promise<Diagnostic[]>;
  /** All that were published, once there are so many. */
  published(count: number): Promise<PublishDiagnosticsParams[]>;
};

/** An editor and a server in one process, with streams between them. */
async function connect(t: TestContext, options: LanguageOptions = {}, snippetSupport = true): Promise<Editor> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startLanguageServer(server, options);
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const all: PublishDiagnosticsParams[] = [];
  const wake: (() => void)[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    all.push(params);
    for (const each of wake.splice(0)) each();
  });
  connection.listen();
  const capabilities = { textDocument: { completion: { completionItem: { snippetSupport } } } };
  await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities });
  await connection.sendNotification('initialized', {});
  t.after(async () => {
    await connection.sendRequest('shutdown');
    connection.dispose();
    server.dispose();
  });
  const next = () => new Promise<void>((resolve) => wake.push(resolve));
  return {
    connection,
    open: (uri, text) =>
      connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'sparse-spec', version: 1, text } }),
    type: (uri, version, range, text) =>
      connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range, text }] }),
    ask: (method, params) => connection.sendRequest(method, { textDocument: { uri }, ...params }),
    diagnostics: () => next().then(() => all[all.length - 1].diagnostics as Diagnostic[]),
    async published(count) {
      while (all.length < count) await next();
      return all;
    },
  };
}
