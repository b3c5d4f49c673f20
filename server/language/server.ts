import {
  CodeLensRefreshRequest,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnose } from '../spec/features/diagnostics.ts';
import { examine } from '../spec/features/examine.ts';
import type { LastRun } from '../spec/features/lens.ts';
import type { PriceNetwork } from '../spec/features/price.ts';
import { answerRequests } from './answers.ts';
import { TOKEN_TYPES, toDiagnostic } from './convert.ts';
import { createExaminer } from './examiner.ts';
import { fileOf, isSpecName, topOf } from './folders.ts';
import { createOutsider, type Looks } from './outside.ts';
import { createPublisher } from './publisher.ts';
import { createWorkspace } from './workspace.ts';

export type LanguageOptions = {
  /** What is known at once of a network's price. */
  readonly price?: PriceNetwork;
  /** All of it, however long it takes. */
  readonly wholePrice?: PriceNetwork;
  /** Between the last keystroke and the problems. */
  readonly delayMs?: number;
  /** What is looked for outside of the text: data, firmware, the search space. */
  readonly looks?: Looks;
  /** Between the last keystroke and a look outside. */
  readonly quietMs?: number;
  /** How often the files outside are asked whether they have changed; 0 is never. */
  readonly recheckMs?: number;
  /** The newest run of a spec. */
  readonly lastRun?: (file: string, name: string) => LastRun | undefined;
  /** Tell the problems of specs of the workspace that are not open, too. */
  readonly closed?: boolean;
};

/** Serves specs over a connection, which it starts; handlers of other messages are added before. */
export function startLanguageServer(connection: Connection, options: LanguageOptions = {}): void {
  const documents = new TextDocuments(TextDocument);
  const log = (fault: unknown) => connection.console.error(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  const workspace = createWorkspace(connection, {
    price: options.wholePrice ?? options.price,
    looks: options.looks ?? {},
    isOpen: (uri) => documents.get(uri) !== undefined,
    log,
  });
  const outsider = createOutsider(options.looks ?? {}, {
    quietMs: options.quietMs ?? 250,
    topOf: (file) => topOf(file, workspace.folders()),
    log,
    changed: (file) => {
      for (const { uri } of documents.all()) if (fileOf(uri) === file) publisher.later(uri);
      if (refreshes) void connection.languages.inlayHint.refresh().catch(log);
    },
  });
  const examiner = createExaminer(options.price, log, { known: outsider.known, fileOf: options.looks ? fileOf : () => undefined });
  let [snippets, pulls, refreshes, refreshesLenses, watches] = [false, false, false, false, false];

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
    if (!pulls) void connection.sendDiagnostics({ uri, version: documents.get(uri)?.version, diagnostics });
    lookLater(uri);
  };
  const lookLater = (uri: string) => {
    const file = options.looks && fileOf(uri);
    if (file) answer(uri, undefined, (document) => outsider.later(file, examiner.examined(document).parsed));
  };
  const publisher = createPublisher(publish, options.delayMs ?? 20);
  const recheck = () => {
    for (const { uri } of documents.all()) if (isSpec(uri)) lookLater(uri);
    if (refreshesLenses && runsAreNew()) void connection.sendRequest(CodeLensRefreshRequest.type).catch(log);
  };
  let told = '';
  /** Whether the newest run of any open spec is another, or has come further, than at the last time. */
  const runsAreNew = (): boolean => {
    const last = documents.all().map(({ uri }) => {
      const file = fileOf(uri);
      return answer(uri, undefined, (document) => {
        const { name } = examiner.examined(document).parsed.draft;
        const run = file !== undefined && name !== undefined ? options.lastRun?.(file, name) : undefined;
        return run && [run.status, run.bestAccuracy, run.bestRamBytes];
      });
    });
    const before = told;
    told = JSON.stringify(last);
    return told !== before;
  };
  const timer = options.looks && options.recheckMs ? setInterval(recheck, options.recheckMs).unref() : undefined;

  connection.onInitialize(({ capabilities, workspaceFolders, rootUri }: InitializeParams) => {
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport ?? false;
    // Whoever takes both would show every problem twice.
    pulls = capabilities.textDocument?.diagnostic !== undefined && capabilities.textDocument.publishDiagnostics === undefined;
    refreshes = capabilities.workspace?.inlayHint?.refreshSupport ?? false;
    refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport ?? false;
    watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
    workspace.open((workspaceFolders ?? (rootUri ? [{ uri: rootUri }] : [])).map(({ uri }) => uri));
    return pulls ? { ...abilities, capabilities: { ...abilities.capabilities, diagnosticProvider } } : abilities;
  });
  connection.onInitialized(() => {
    if (!options.closed) return;
    if (watches) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: SPECS }] }).catch(log);
    if (!pulls) void workspace.check();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    recheck();
    if (options.closed && !pulls) for (const { uri } of changes) if (isSpec(uri)) void workspace.checkOne(uri);
  });
  documents.onDidChangeContent(({ document }) => isSpec(document.uri) && publisher.later(document.uri));
  documents.onDidSave(({ document }) => isSpec(document.uri) && lookLater(document.uri));
  documents.onDidClose(({ document: { uri } }) => {
    publisher.drop(uri);
    examiner.forget(uri);
    const file = fileOf(uri);
    if (file !== undefined) outsider.forget(file);
    if (!isSpec(uri) || pulls) return;
    if (options.closed) void workspace.checkOne(uri);
    else void connection.sendDiagnostics({ uri, diagnostics: [] });
  });
  answerRequests(connection, {
    answer,
    examined: examiner.examined,
    instead: (document, text) => {
      const examined = examiner.examined(document);
      const { data, space, project, parsed } = examined;
      // What mends too much flash has to be told of its own flash.
      const whole = diagnose(examined).some(({ code }) => code === 'overFlash') ? options.wholePrice : undefined;
      return examine(text, { price: whole ?? options.price, data, space, project, firmware: parsed.draft.target?.firmware });
    },
    snippets: () => snippets,
    lastRun: options.lastRun ?? (() => undefined),
  });
  connection.languages.diagnostics.onWorkspace(async () => ({ items: options.closed ? await workspace.reports() : [] }));
  connection.onShutdown(() => {
    publisher.stop();
    clearInterval(timer);
    for (const { uri } of documents.all()) outsider.forget(fileOf(uri) ?? '');
  });
  documents.listen(connection);
  connection.listen();
}

const isSpec = (uri: string): boolean => isSpecName(uri.replace(/[?#].*$/, ''));

const SPECS = '**/*.sparse.{yaml,yml}';

const diagnosticProvider = { interFileDependencies: false, workspaceDiagnostics: true };

const abilities: InitializeResult = {
  serverInfo: { name: 'sparse' },
  capabilities: {
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    completionProvider: { triggerCharacters: [' ', '[', '{', ',', '/'] },
    inlayHintProvider: true,
    codeLensProvider: {},
    documentSymbolProvider: true,
    documentLinkProvider: {},
    documentFormattingProvider: true,
    definitionProvider: true,
    foldingRangeProvider: true,
    selectionRangeProvider: true,
    renameProvider: { prepareProvider: true },
    semanticTokensProvider: { legend: { tokenTypes: TOKEN_TYPES, tokenModifiers: [] }, full: true },
    codeActionProvider: { codeActionKinds: ['quickfix'] },
  },
};
