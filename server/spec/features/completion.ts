import { chips } from '../../device/chips.ts';
import { findChip } from '../../device/find.ts';
import { INPUT } from '../../network/network.ts';
import { formatBytes } from '../format.ts';
import { parseSpec } from '../parse.ts';
import type { Position, Range } from '../problem.ts';
import type { JsonSchema } from '../schema/json.ts';
import { allowed, alternatives, keysAt, schemasAt } from '../schema/walk.ts';
import type { ProjectChip } from '../spec.ts';
import { type Caret, caretAt } from './caret.ts';
import { paths } from './files.ts';
import { isPath } from './paths.ts';
import { units } from './quantities.ts';
import { templates } from './templates.ts';

export type Completion = {
  readonly label: string;
  readonly kind: 'key' | 'value' | 'chip' | 'operation' | 'layer' | 'unit' | 'path' | 'snippet';
  /** Short, beside the label. */
  readonly detail: string;
  readonly documentation?: string;
  /** Replaces `range`; `$1` and the like are stops of the caret. */
  readonly snippet: string;
  readonly range: Range;
};

/** The names in a folder, given by its path from the spec's; those of folders end in `/`. */
export type ListFolder = (path: string) => readonly string[];

/** What may be written at a position, in the order of the language. */
export function complete(text: string, position: Position, list?: ListFolder, project?: ProjectChip): Completion[] {
  const caret = caretAt(text, position);
  if (!caret) return [];
  if (caret.role === 'key') return [...keys(caret), ...classNames(caret, text), ...(isBlank(text, caret) ? templates(caret.word) : [])];
  if (isPath(caret.path)) return list ? paths(text, position, list) : [];
  return [...units(text, caret), ...values(caret, text, project)];
}

/** Nothing is there but the word at the caret, and comments. */
const isBlank = (text: string, { path, siblings }: Caret): boolean =>
  path.length === 0 && siblings.length === 0 && !/^[ \t]*[^\s#]\S*[ \t]+\S/m.test(text);

/** The classes, where each may be given a weight. */
function classNames({ path, siblings, word, complete: isComplete }: Caret, text: string): Completion[] {
  if (path.join('.') !== 'training.classWeights') return [];
  const names = (parseSpec(text).draft.data?.classes ?? []).map(({ name }) => name);
  return names
    .filter((name) => !siblings.includes(name) && /^[A-Za-z]\w*$/.test(name))
    .map((name) => ({ label: name, kind: 'key', detail: 'a class', snippet: isComplete ? name : `${name}: `, range: word }));
}

function keys(caret: Caret): Completion[] {
  const inEntry = caret.path.length === 2 && caret.path[0] === 'network';
  const named = inEntry && caret.siblings.some((key) => !BESIDE.includes(key));
  return [...keysAt(caret.path)]
    .filter(([key]) => !caret.siblings.includes(key) && (!named || BESIDE.includes(key)))
    .map(([key, node]) => keyCompletion(key, node, caret));
}

/** The keys of a layer that are no operation. */
const BESIDE: readonly string[] = ['name', 'inputs'];

function keyCompletion(key: string, node: JsonSchema, caret: Caret): Completion {
  return {
    label: key,
    kind: caret.path[0] === 'network' && caret.path.length === 2 && !BESIDE.includes(key) ? 'operation' : 'key',
    detail: allowed(node),
    documentation: node.description,
    snippet: caret.complete ? key : `${key}:${valueSnippet(node, caret)}`,
    range: caret.word,
  };
}

/** What stands behind a new key: its needed keys, an indented line for more, or nothing yet. */
function valueSnippet(node: JsonSchema, caret: Caret): string {
  const line = `\n${' '.repeat(caret.indent + 2)}`;
  const [only, ...others] = alternatives(node);
  if (others.length > 0) return ' ';
  if (only.type === 'array' && only.items?.anyOf && !caret.flow) return `${line}- `;
  if (!only.properties) return ' ';
  const needed = neededKeys(only, { next: 1 });
  if (caret.flow) return ` { ${needed.join(', ') || '$1'} }`;
  return caret.path.length > 0 && needed.length > 0 ? ` { ${needed.join(', ')} }` : line + needed.join(line);
}

/** The keys that a mapping must have, each with a stop for its value. */
const neededKeys = (node: JsonSchema, stop: { next: number }): string[] =>
  (node.required ?? []).map((key) => {
    const inner = neededKeys(node.properties![key], stop);
    return `${key}: ${inner.length > 0 ? `{ ${inner.join(', ')} }` : `$${stop.next++}`}`;
  });

function values(caret: Caret, text: string, project: ProjectChip | undefined): Completion[] {
  const { path } = caret;
  if (path[0] === 'target' && path[1] === 'chip') return chipCompletions(caret, project);
  if (path[0] === 'network' && path[2] === 'inputs') return layerNames(caret, text);
  const nodes = schemasAt(path);
  const options = nodes.flatMap(alternatives);
  const words = options.flatMap(
    (node) => node.enum ?? (node.const !== undefined ? [String(node.const)] : node.type === 'boolean' ? ['true', 'false'] : []),
  );
  const samples = nodes
    .flatMap((node) => [node.default, ...(node.examples ?? [])])
    .filter(isWritable)
    .map(written);
  const listed = [...new Set([...words.map(String), ...samples])].map((word) =>
    valueCompletion(word, path[0] === 'network' ? operationDetail(word) : nodes[0], caret),
  );
  if (path.length !== 2 || path[0] !== 'network') return listed;
  const all = [...listed, ...keys({ ...caret, siblings: [] }).filter(({ label }) => !words.includes(label))];
  const order = [...keysAt(path).keys()];
  return all.toSorted((a, b) => order.indexOf(a.label) - order.indexOf(b.label));
}

const operationDetail = (word: string): JsonSchema | undefined => keysAt(['network', 0]).get(word);

function valueCompletion(word: string, node: JsonSchema | undefined, caret: Caret): Completion {
  const isDefault = node !== undefined && isWritable(node.default) && written(node.default) === word;
  const isOperation = caret.path[0] === 'network' && caret.path.length === 2;
  return {
    label: word,
    kind: isOperation ? 'operation' : 'value',
    detail: isDefault ? 'default' : '',
    documentation: node?.description,
    snippet: word,
    range: caret.word,
  };
}

const isWritable = (value: unknown): boolean => value !== undefined && (typeof value !== 'object' || Array.isArray(value));

const written = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));

/** That of the firmware project first. */
function chipCompletions(caret: Caret, project: ProjectChip | undefined): Completion[] {
  const theirs = project?.chip === undefined ? undefined : findChip(project.chip);
  const others = chips.filter((chip) => chip !== theirs);
  return [...(theirs ? [theirs] : []), ...others].map((chip) => ({
    label: chip.id,
    kind: 'chip',
    detail: `${formatBytes(chip.ramBytes)} RAM, ${formatBytes(chip.flashBytes)} flash${chip === theirs ? `, of ${project!.file}` : ''}`,
    documentation: `${chip.name}, ${chip.architecture}, ${chip.clockHz / 1e6} MHz`,
    snippet: chip.id,
    range: caret.word,
  }));
}

/** The layers before the one whose inputs are typed. */
function layerNames(caret: Caret, text: string): Completion[] {
  const { draft, layerEntries } = parseSpec(text);
  const before = (draft.network?.layers ?? []).filter((_layer, index) => layerEntries[index] < Number(caret.path[1]));
  return [INPUT, ...before.map(({ name }) => name)].map((name) => ({
    label: name,
    kind: 'layer',
    detail: before.find((layer) => layer.name === name)?.op ?? 'the samples',
    snippet: name,
    range: caret.word,
  }));
}
