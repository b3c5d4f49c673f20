import { positionAt } from '../lines.ts';
import { everyNode, isMap, keyText, type Node, type Pair, pairOf } from '../node.ts';
import type { Parsed } from '../parse.ts';
import type { Fix, Path, Problem } from '../problem.ts';
import { FORMATS } from '../schema/data.ts';
import { OPERATIONS } from '../schema/network.ts';
import type { Source } from '../source.ts';
import { nodeAt } from '../tree.ts';
import { endOfLine, indentOf, removePair, replace, setKey } from './edits.ts';

/** Fixes of more than one change, or of more than a word. Whether they help is tried by who offers them. */
export function rewrites(problem: Problem, { source, problems }: Parsed, path: Path, start: number): Fix[] {
  switch (problem.code) {
    case 'alias':
      return [...writtenOut(source, start), ...mergedIn(source, source.root, start)];
    case 'documents':
      return [{ title: 'Remove the second document', edits: [replace(source, start, source.lines.text.length, '')] }];
    case 'unknownKey':
      return [...movedOut(source, path), ...without(source, path, 'Remove')];
    case 'operation':
      return path.length === 3 ? ownLayer(source, path) : [];
    case 'format':
      return FORMATS.flatMap((format) => added(source, ['data'], 'format', format));
    case 'training':
      return [...meant(source, problem.message), ...without(source, path, 'Leave out')];
    case 'unbalanced':
      return added(source, ['training'], 'classWeights', 'balanced');
    case 'deprecated':
      return presentNames(problems);
    default:
      return [];
  }
}

/** The value of an anchor in place of all its aliases. */
function writtenOut(source: Source, start: number): Fix[] {
  const nodes = [...everyNode(source.root)];
  const aliases = nodes.filter((node) => node.kind === 'alias');
  const { text } = source.lines;
  const name = /^[&*]([^\s,[\]{}]+)/.exec(text.slice(start, start + 100))?.[1] ?? aliases.find((node) => node.start === start)?.name;
  const value = nodes.find((node) => node.kind !== 'alias' && node.anchor === name);
  const uses = aliases.filter((node) => node.name === name);
  if (!value || uses.length === 0) return [];
  const written = text.slice(value.start, value.end);
  const anchor = text.lastIndexOf(`&${name}`, value.start);
  if (/[\r\n]/.test(written) || anchor < 0 || text.slice(anchor + `&${name}`.length, value.start).trim() !== '') return [];
  const edits = [replace(source, anchor, value.start, ''), ...uses.map((use) => replace(source, use.start, use.end, written))];
  return [{ title: `Write ${written.length > 30 ? `the value of &${name}` : written} out where *${name} stands`, edits }];
}

/** The keys of a merged mapping in place of `<<`. */
function mergedIn(source: Source, node: Node | null, start: number): Fix[] {
  for (const each of everyNode(node)) {
    const pair = isMap(each) ? each.pairs.find((other) => keyText(other) === '<<' && other.key.start === start) : undefined;
    if (!isMap(each) || !pair?.value) continue;
    const { value } = pair;
    const isMeant = (other: Node) => (value.kind === 'alias' ? other.kind !== 'alias' && other.anchor === value.name : other === value);
    const merged = [...everyNode(source.root)].find(isMeant);
    if (!isMap(merged)) return [];
    const own = new Set(each.pairs.map(keyText));
    const parts = merged.pairs.filter((other) => !own.has(keyText(other))).map((other) => pairText(source, other));
    const written = parts.join(each.flow ? ', ' : `${endOfLine(source)}${indentOf(source, each)}`);
    return parts.length === 0 ? [] : [{ title: 'Write the values out', edits: [replace(source, pair.key.start, value.end, written)] }];
  }
  return [];
}

/** A layer's name or inputs, from its settings to beside its operation. */
function movedOut(source: Source, path: Path): Fix[] {
  const [, entry, , key] = path;
  if (path[0] !== 'network' || path.length !== 4 || (key !== 'name' && key !== 'inputs')) return [];
  const settings = nodeAt(source, path.slice(0, 3));
  const pair = isMap(settings) ? pairOf(settings, key) : undefined;
  if (!isMap(settings) || !pair?.value) return [];
  const around = nodeAt(source, path.slice(0, 2));
  const title = `Write ${key} beside ${path[2]}`;
  // The last of the settings is where it has to be, but for its indentation.
  if (!settings.flow && settings.pairs.at(-1) === pair && isMap(around)) {
    const { character } = positionAt(source.lines, pair.key.start);
    return [{ title, edits: [replace(source, pair.key.start - character, pair.key.start, indentOf(source, around))] }];
  }
  const out = removePair(source, settings, pair);
  const into = setKey(source, ['network', entry as number], key, source.lines.text.slice(pair.value.start, pair.value.end));
  return out && into ? [{ title, edits: [out, into] }] : [];
}

/** The second operation of an entry as an entry of its own. */
function ownLayer(source: Source, path: Path): Fix[] {
  const entry = nodeAt(source, path.slice(0, 2));
  const pair = isMap(entry) ? pairOf(entry, String(path[2])) : undefined;
  if (!isMap(entry) || !pair || !OPERATIONS.some((each) => each === path[2])) return [];
  const out = removePair(source, entry, pair);
  const dash = source.lines.text.lastIndexOf('-', entry.start);
  const { character } = positionAt(source.lines, dash);
  if (!out || dash < 0) return [];
  const bare = !pair.value || pair.value.end === pair.value.start;
  const written = `${' '.repeat(character)}- ${bare ? path[2] : pairText(source, pair)}`;
  const title = `Make ${path[2]} a layer of its own`;
  if (entry.flow) return [{ title, edits: [out, replace(source, entry.end, entry.end, `${endOfLine(source)}${written}`)] }];
  if (entry.pairs.at(-1) !== pair) return [];
  const column = positionAt(source.lines, pair.key.start).character;
  return [{ title, edits: [replace(source, pair.key.start - column, pair.value?.end ?? pair.key.end, written)] }];
}

/** `...; leave it out, or write optimiser: sgd`. */
function meant(source: Source, message: string): Fix[] {
  const [, key, value] = /or write (\w+): (\w+)/.exec(message) ?? [];
  return key === undefined ? [] : added(source, ['training'], key, value);
}

function added(source: Source, path: Path, key: string, value: string): Fix[] {
  const edit = setKey(source, path, key, value);
  return edit ? [{ title: `Write ${key}: ${value}`, edits: [edit] }] : [];
}

function without(source: Source, path: Path, title: string): Fix[] {
  const map = nodeAt(source, path.slice(0, -1));
  const pair = isMap(map) ? pairOf(map, String(path.at(-1))) : undefined;
  const edit = isMap(map) && pair ? removePair(source, map, pair) : undefined;
  return edit ? [{ title: `${title} ${path.at(-1)}`, edits: [edit] }] : [];
}

function presentNames(problems: readonly Problem[]): Fix[] {
  const all = problems.filter(({ code }) => code === 'deprecated').flatMap(({ fixes }) => fixes?.[0].edits ?? []);
  return all.length > 1 ? [{ title: 'Use the present names of all keys', edits: all }] : [];
}

const pairText = (source: Source, { key, value }: Pair): string => source.lines.text.slice(key.start, value?.end ?? key.end);
