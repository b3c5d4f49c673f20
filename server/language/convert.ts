import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentLink,
  type DocumentSymbol,
  type FoldingRange,
  FoldingRangeKind,
  type InlayHint,
  InsertTextFormat,
  InsertTextMode,
  type Hover as LspHover,
  MarkupKind,
  type SelectionRange,
  type SemanticTokens,
  SemanticTokensBuilder,
  SymbolKind,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { Action } from '../spec/features/actions.ts';
import type { Completion } from '../spec/features/completion.ts';
import type { Fold } from '../spec/features/folding.ts';
import type { Hover } from '../spec/features/hover.ts';
import type { Inlay } from '../spec/features/inlays.ts';
import type { Lens } from '../spec/features/lens.ts';
import type { Token } from '../spec/features/quantities.ts';
import type { SpecSymbol } from '../spec/features/symbols.ts';
import type { Edit, Problem, Range, Severity } from '../spec/problem.ts';

export const toDiagnostic = ({ code, severity, range, message, hint }: Problem): Diagnostic => ({
  code,
  severity: severities[severity],
  range,
  message: hint === undefined ? message : `${message}\n${hint}`,
  source: 'sparse',
  ...(code === 'deprecated' ? { tags: [DiagnosticTag.Deprecated] } : {}),
});

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} satisfies { [name in Severity]: DiagnosticSeverity };

export const toHover = (hover: Hover | undefined): LspHover | null =>
  hover ? { range: hover.range, contents: { kind: MarkupKind.Markdown, value: hover.markdown } } : null;

/** `index` keeps the order of the language, where an editor would sort by name. */
export function toCompletion(item: Completion, index: number, snippets: boolean): CompletionItem {
  const stops = /\$\d/.test(item.snippet);
  return {
    label: item.label,
    kind: completionKinds[item.kind],
    ...(item.detail ? { detail: item.detail } : {}),
    ...(item.documentation ? { documentation: { kind: MarkupKind.Markdown, value: item.documentation } } : {}),
    sortText: String(index).padStart(4, '0'),
    insertTextFormat: stops && snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    // The new lines carry their whole indentation.
    insertTextMode: InsertTextMode.asIs,
    textEdit: { range: item.range, newText: snippets ? item.snippet : item.snippet.replaceAll(/\$\d/g, '') },
  };
}

const completionKinds = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  chip: CompletionItemKind.Constant,
  operation: CompletionItemKind.Function,
  layer: CompletionItemKind.Variable,
  unit: CompletionItemKind.Unit,
  path: CompletionItemKind.File,
  snippet: CompletionItemKind.Snippet,
} satisfies { [name in Completion['kind']]: CompletionItemKind };

export const toInlay = ({ position, label, tooltip }: Inlay): InlayHint => ({
  position,
  label,
  paddingLeft: true,
  ...(tooltip === undefined ? {} : { tooltip }),
});

export const toEdit = ({ range, text }: Edit): TextEdit => ({ range, newText: text });

export const toFold = ({ startLine, endLine, kind }: Fold): FoldingRange => ({
  startLine,
  endLine,
  ...(kind ? { kind: FoldingRangeKind.Comment } : {}),
});

/** The innermost range with those around it. */
export const toSelection = (ranges: readonly Range[]): SelectionRange =>
  ranges.reduceRight<SelectionRange | undefined>((parent, range) => (parent ? { range, parent } : { range }), undefined)!;

export const toLink = (range: Range, target: string): DocumentLink => ({ range, target });

/** Names of token types that every editor has a colour for. */
export const TOKEN_TYPES = ['number', 'keyword'];

export function toTokens(tokens: readonly Token[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { range, type } of tokens)
    builder.push(range.start.line, range.start.character, range.end.character - range.start.character, type === 'number' ? 0 : 1, 0);
  return builder.build();
}

export const toCodeLens = ({ range, title, command }: Lens, uri: string): CodeLens => ({
  range,
  command: { title, command, arguments: [uri] },
});

export const toSymbol = ({ name, detail, kind, range, selection, children }: SpecSymbol): DocumentSymbol => ({
  name,
  detail,
  kind: symbolKinds[kind],
  range,
  selectionRange: selection,
  children: children.map(toSymbol),
});

const symbolKinds = {
  section: SymbolKind.Module,
  key: SymbolKind.Property,
  layer: SymbolKind.Function,
} satisfies { [name in SpecSymbol['kind']]: SymbolKind };

export const toCodeAction = ({ fix, problem }: Action, uri: string): CodeAction => ({
  title: fix.title,
  kind: CodeActionKind.QuickFix,
  diagnostics: [toDiagnostic(problem)],
  isPreferred: problem.fixes?.length === 1,
  edit: { changes: { [uri]: fix.edits.map(toEdit) } },
});
