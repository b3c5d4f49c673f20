import {
  type Connection,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { actions } from '../spec/features/actions.ts';
import { complete } from '../spec/features/completion.ts';
import { diagnose } from '../spec/features/diagnostics.ts';
import { hover } from '../spec/features/hover.ts';
import { inlays } from '../spec/features/inlays.ts';
import { lenses } from '../spec/features/lens.ts';
import type { PriceNetwork } from '../spec/features/price.ts';
import { symbols } from '../spec/features/symbols.ts';
import { toCodeAction, toCodeLens, toCompletion, toDiagnostic, toHover, toInlay, toSymbol } from './convert.ts';
import { createExaminer } from './examiner.ts';
import { createPublisher } from './publisher.ts';

export type LanguageOptions = {
  readonly price?: PriceNetwork;
  /** Between the last keystroke and the problems. */
  readonly delayMs?: number;
};

/** Serves specs over a connection, which it starts; handlers of other messages are added before. */
export function startLanguageServer(connection: Connection, options: LanguageOptions = {}): void {
  const documents = new TextDocuments(TextDocument);
  const log = (fault: unknown) => connection.console.error(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  const examiner = createExaminer(options.price, log);
  let snippets = false;

  /** The answer for an open spec; `none` for any other document, and where a bug keeps us from one. */
  const answer = <Result>(uri: string, none: Result, give: (document: TextDocument) => Result): Result => {
    const document = documents.get(uri);
    if (!document || !isSpec(uri)) return none;
    try {
      return give(document);
    } catch (fault) {
      log(fault);
      return none;
    }
  };
  const publish = (uri: string) => {
    const diagnostics = answer(uri, [], (document) => diagnose(examiner.examined(document)).map(toDiagnostic));
    void connection.sendDiagnostics({ uri, version: documents.get(uri)?.version, diagnostics });
  };
  const publisher = createPublisher(publish, options.delayMs ?? 20);

  connection.onInitialize(({ capabilities }: InitializeParams) => {
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport ?? false;
    return abilities;
  });
  documents.onDidChangeContent(({ document }) => isSpec(document.uri) && publisher.later(document.uri));
  documents.onDidClose(({ document }) => {
    publisher.drop(document.uri);
    examiner.forget(document.uri);
    if (isSpec(document.uri)) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  connection.onHover(({ textDocument: { uri }, position }) =>
    answer(uri, null, (document) => toHover(hover(examiner.examined(document), position))),
  );
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    answer(uri, [], (document) => complete(document.getText(), position).map((item, index) => toCompletion(item, index, snippets))),
  );
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }) =>
    answer(uri, [], (document) =>
      inlays(examiner.examined(document))
        .filter(({ position: { line } }) => line >= range.start.line && line <= range.end.line)
        .map(toInlay),
    ),
  );
  connection.onCodeLens(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => lenses(examiner.examined(document).parsed).map((lens) => toCodeLens(lens, uri))),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => symbols(examiner.examined(document)).map(toSymbol)),
  );
  connection.onCodeAction(({ textDocument: { uri }, range }) =>
    answer(uri, [], (document) => actions(diagnose(examiner.examined(document)), range).map((action) => toCodeAction(action, uri))),
  );
  connection.onShutdown(() => publisher.stop());
  documents.listen(connection);
  connection.listen();
}

const isSpec = (uri: string): boolean => /\.sparse\.ya?ml$/i.test(uri.replace(/[?#].*$/, ''));

const abilities: InitializeResult = {
  serverInfo: { name: 'sparse' },
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    completionProvider: { triggerCharacters: [' ', '[', '{', ','] },
    inlayHintProvider: true,
    codeLensProvider: {},
    documentSymbolProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
  },
};
