import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Connection, DocumentDiagnosticReportKind, ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { complete } from '../spec/features/completion.ts';
import { diagnose } from '../spec/features/diagnostics.ts';
import type { Examined } from '../spec/features/examine.ts';
import { quickFixes } from '../spec/features/fixes.ts';
import { folds } from '../spec/features/folding.ts';
import { format } from '../spec/features/formatting.ts';
import { hover } from '../spec/features/hover.ts';
import { inlays } from '../spec/features/inlays.ts';
import { type LastRun, lenses } from '../spec/features/lens.ts';
import { writtenPaths } from '../spec/features/paths.ts';
import { quantityTokens } from '../spec/features/quantities.ts';
import { definition, renamable, rename } from '../spec/features/rename.ts';
import { selections } from '../spec/features/selection.ts';
import { symbols } from '../spec/features/symbols.ts';
import { offsetAt } from '../spec/lines.ts';
import type { Position } from '../spec/problem.ts';
import { resolvePath } from '../spec/spec.ts';
import {
  toCodeAction,
  toCodeLens,
  toCompletion,
  toDiagnostic,
  toEdit,
  toFold,
  toHover,
  toInlay,
  toLink,
  toSelection,
  toSymbol,
  toTokens,
} from './convert.ts';
import { fileOf, listFrom } from './folders.ts';

/** What the answers need of an open spec. */
export type Answering = {
  /** The answer for an open spec; `none` for any other document, and where a bug keeps us from one. */
  answer<Result>(uri: string, none: Result, give: (document: TextDocument) => Result): Result;
  examined(document: TextDocument): Examined;
  /** Examines another text as if it stood in the document. */
  instead(document: TextDocument, text: string): Examined;
  snippets(): boolean;
  lastRun(file: string, name: string): LastRun | undefined;
};

/** Answers what editors ask of a spec. */
export function answerRequests(connection: Connection, { answer, examined, instead, snippets, lastRun }: Answering): void {
  connection.onHover(({ textDocument: { uri }, position }) =>
    answer(uri, null, (document) => toHover(hover(examined(document), position))),
  );
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    answer(uri, [], (document) => {
      const file = fileOf(uri);
      const items = complete(document.getText(), position, file === undefined ? undefined : listFrom(file), examined(document).project);
      return items.map((item, index) => toCompletion(item, index, snippets()));
    }),
  );
  connection.languages.inlayHint.on(({ textDocument: { uri }, range }) =>
    answer(uri, [], (document) =>
      inlays(examined(document))
        .filter(({ position: { line } }) => line >= range.start.line && line <= range.end.line)
        .map(toInlay),
    ),
  );
  connection.onCodeLens(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => {
      const { parsed } = examined(document);
      const file = fileOf(uri);
      const last = file === undefined || parsed.draft.name === undefined ? undefined : lastRun(file, parsed.draft.name);
      return lenses(parsed, last).map((lens) => toCodeLens(lens, uri));
    }),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }) => answer(uri, [], (document) => symbols(examined(document)).map(toSymbol)));
  connection.onCodeAction(({ textDocument: { uri }, range }) =>
    answer(uri, [], (document) => {
      const found = quickFixes(examined(document), range, (text) => instead(document, text));
      return found.map((action) => toCodeAction(action, uri));
    }),
  );
  connection.onFoldingRanges(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => folds(examined(document).parsed.source).map(toFold)),
  );
  connection.onSelectionRanges(({ textDocument: { uri }, positions }) =>
    answer(uri, [], (document) => positions.map((position) => toSelection(selections(examined(document).parsed.source, position)))),
  );
  connection.onDocumentFormatting(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => format(examined(document).parsed.source).map(toEdit)),
  );
  connection.languages.semanticTokens.on(({ textDocument: { uri } }) =>
    answer(uri, { data: [] }, (document) => toTokens(quantityTokens(examined(document).parsed.source))),
  );
  connection.onDocumentLinks(({ textDocument: { uri } }) =>
    answer(uri, [], (document) => links(uri, examined(document)).map(({ range, target }) => toLink(range, target))),
  );
  connection.onDefinition(({ textDocument: { uri }, position }) =>
    answer(uri, null, (document) => {
      const found = examined(document);
      const range = definition(found, position);
      if (range) return { uri, range };
      const link = links(uri, found).find((each) => holds(found, each.range, position));
      const start = { line: 0, character: 0 };
      return link?.isFile ? { uri: link.target, range: { start, end: start } } : null;
    }),
  );
  connection.onPrepareRename(({ textDocument: { uri }, position }) => {
    const found = answer(uri, undefined, (document) => renamable(examined(document), position));
    if (typeof found === 'string') throw refused(found);
    return found ? { range: found.range, placeholder: found.name } : null;
  });
  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) => {
    const edits = answer(uri, [], (document) => rename(examined(document), position, newName));
    if (typeof edits === 'string') throw refused(edits);
    return { changes: { [uri]: edits.map(toEdit) } };
  });
  connection.languages.diagnostics.on(({ textDocument: { uri } }) => ({
    kind: DocumentDiagnosticReportKind.Full,
    items: answer(uri, [], (document) => diagnose(examined(document)).map(toDiagnostic)),
  }));
}

const refused = (message: string): ResponseError<void> => new ResponseError(ErrorCodes.InvalidRequest, message);

/** Files and folders that are there. */
function links(uri: string, { parsed }: Examined) {
  const file = fileOf(uri);
  if (file === undefined) return [];
  return writtenPaths(parsed.source).flatMap(({ written, range }) => {
    const target = resolvePath(dirname(file), written);
    const about = statSync(target, { throwIfNoEntry: false });
    return about ? [{ range, target: pathToFileURL(target).href, isFile: about.isFile() }] : [];
  });
}

function holds({ parsed: { source } }: Examined, range: { start: Position; end: Position }, position: Position): boolean {
  const offset = offsetAt(source.lines, position);
  return offsetAt(source.lines, range.start) <= offset && offset <= offsetAt(source.lines, range.end);
}
