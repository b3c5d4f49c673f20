import { lineText, positionAt } from '../lines.ts';
import { isList, isMap, type Node } from '../node.ts';
import type { Source } from '../source.ts';

/** Lines that can be hidden behind the first of them. */
export type Fold = { readonly startLine: number; readonly endLine: number; readonly kind?: 'comment' };

/** Mappings and lists of more than one line, and comments of more than one line. */
export function folds(source: Source): Fold[] {
  const found = [...nodeFolds(source, source.root), ...commentFolds(source)];
  const sorted = found.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  // An entry of a list and the one key in it begin on one line.
  return sorted.filter(({ startLine }, index) => startLine !== sorted[index - 1]?.startLine);
}

function* nodeFolds(source: Source, node: Node | null): Generator<Fold> {
  const children: [head: Node, body: Node | null][] = isMap(node)
    ? node.pairs.map(({ key, value }) => [key, value])
    : isList(node)
      ? node.items.map((item) => [item, item])
      : [];
  for (const [head, body] of children) {
    if (!isMap(body) && !isList(body)) continue;
    const startLine = lineAt(source, head.start);
    const endLine = lineAt(source, body.end);
    if (endLine > startLine) yield { startLine, endLine };
    yield* nodeFolds(source, body);
  }
}

function* commentFolds({ lines }: Source): Generator<Fold> {
  let start: number | undefined;
  for (let line = 0; line <= lines.starts.length; line++) {
    const isComment = line < lines.starts.length && /^\s*#/.test(lineText(lines, line));
    if (isComment) start ??= line;
    else if (start !== undefined) {
      if (line - 1 > start) yield { startLine: start, endLine: line - 1, kind: 'comment' };
      start = undefined;
    }
  }
}

const lineAt = (source: Source, offset: number): number => positionAt(source.lines, offset).line;
