import { linesOf, lineText } from '../lines.ts';
import type { Position } from '../problem.ts';
import type { Completion, ListFolder } from './completion.ts';

const MOST_OFFERED = 200;

/** The files and folders that the path at the caret may go on with. */
export function paths(text: string, position: Position, list: ListFolder): Completion[] {
  const line = lineText(linesOf(text), position.line);
  const typed = /(?:^|[\s:{,"'])([^\s"'{},:[\]]*)$/.exec(line.slice(0, position.character))?.[1] ?? '';
  const rest = /^[^\s"'{},:[\]/]*/.exec(line.slice(position.character))?.[0] ?? '';
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const range = {
    start: { line: position.line, character: position.character - (typed.length - folder.length) },
    end: { line: position.line, character: position.character + rest.length },
  };
  return list(folder === '' ? '.' : folder)
    .filter((name) => !name.startsWith('.') && /^[\w.\-/ ]+$/.test(name))
    .slice(0, MOST_OFFERED)
    .map((name) => ({ label: name, kind: 'path', detail: name.endsWith('/') ? 'folder' : 'file', snippet: name, range }));
}
