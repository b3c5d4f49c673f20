import { offsetAt } from '../lines.ts';
import { isList, isMap, isScalar, keyText, type Node, type Place } from '../node.ts';
import type { Edit, Path, Position, Range } from '../problem.ts';
import type { Source } from '../source.ts';
import { holds, nodeAt } from '../tree.ts';
import { replace } from './edits.ts';
import type { Examined } from './examine.ts';

/** A name that can be changed wherever it stands: of a class, or of a layer. */
export type Renamable = { readonly range: Range; readonly name: string; readonly kind: 'class' | 'layer' };

/** The name at a position, and where else it stands. A string says why it cannot be changed. */
export function renamable(examined: Examined, position: Position): (Renamable & { readonly places: readonly Node[] }) | string | undefined {
  const { source, draft } = examined.parsed;
  const offset = offsetAt(source.lines, position);
  const named = [...classNames(source), ...layerNames(source)];
  const here = named.find(({ node }) => holds(node, offset));
  if (!here) return undefined;
  if (here.kind === 'class' && draft.data?.format === 'images' && isList(nodeAt(source, ['data', 'classes'])))
    return 'these names are those of the folders with the images; rename the folder, or write { name: folder }';
  const places = named.filter(({ kind, name }) => kind === here.kind && name === here.name).map(({ node }) => node);
  const { start, end } = here.node;
  return { range: replace(source, start, end, '').range, name: here.name, kind: here.kind, places };
}

/** The edits of a renaming; a string says why there are none. */
export function rename(examined: Examined, position: Position, name: string): Edit[] | string {
  const found = renamable(examined, position);
  if (found === undefined || typeof found === 'string') return found ?? 'there is no name of a class or of a layer here';
  const { source } = examined.parsed;
  if (found.kind === 'layer' && !/^[a-z][A-Za-z0-9_]{0,30}$/.test(name))
    return 'the name of a layer is letters, digits and underscores, beginning with a lower-case letter';
  if (name.trim() === '' || name.length > 100 || /[\r\n]/.test(name)) return 'a class needs a name of 1 to 100 characters on one line';
  const taken = [...classNames(source), ...layerNames(source)].some(
    (each) => each.kind === found.kind && each.name === name && name !== found.name,
  );
  if (taken) return `there is a ${found.kind} named ${name} already`;
  const written = found.kind === 'class' ? quoted(name) : name;
  return found.places.map(({ start, end }) => replace(source, start, end, written));
}

type Name = { readonly kind: Renamable['kind']; readonly name: string; readonly node: Node };

function classNames(source: Source): Name[] {
  const classes = nodeAt(source, ['data', 'classes']);
  const nodes = isList(classes) ? classes.items : isMap(classes) ? classes.pairs.map(({ key }) => key) : [];
  return nodes.flatMap((node) => (isScalar(node) ? [{ kind: 'class' as const, name: String(node.value), node }] : []));
}

/** Names that layers were given, and where they are read. */
function layerNames(source: Source): Name[] {
  const list = nodeAt(source, ['network']);
  const entries = isList(list) ? list.items : [];
  const name = (node: Node | null): Name[] =>
    isScalar(node) && typeof node.value === 'string' ? [{ kind: 'layer', name: node.value, node }] : [];
  const all = entries.flatMap((entry) =>
    isMap(entry)
      ? entry.pairs.flatMap((pair) => {
          if (keyText(pair) === 'name') return name(pair.value).map((each) => ({ ...each, given: true }));
          if (keyText(pair) !== 'inputs') return [];
          return (isList(pair.value) ? pair.value.items.flatMap(name) : name(pair.value)).map((each) => ({ ...each, given: false }));
        })
      : [],
  );
  const given = new Set(all.filter((each) => each.given).map((each) => each.name));
  return all.filter((each) => given.has(each.name)).map(({ given: _, ...rest }) => rest);
}

/** As YAML reads it back: in quotes where it would be read as anything but these words. */
const quoted = (name: string): string =>
  /^[A-Za-zÀ-￿][\wÀ-￿ -]*$/.test(name) && name === name.trim() && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(name)
    ? name
    : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;

/** Where the layer that an input names is written, and where a name of a class is. */
export function definition(examined: Examined, position: Position): Range | undefined {
  const { source, draft, layerEntries } = examined.parsed;
  const offset = offsetAt(source.lines, position);
  const entries = (source.value as { network?: unknown[] } | null | undefined)?.network;
  for (let entry = 0; Array.isArray(entries) && entry < entries.length; entry++) {
    const read = inputAt(source, ['network', entry, 'inputs'], offset);
    if (read === undefined) continue;
    const layer = draft.network?.layers.findIndex(({ name }) => name === read) ?? -1;
    const target = layer < 0 ? undefined : nodeAt(source, ['network', layerEntries[layer]]);
    return target && replace(source, target.start, firstLineEnd(source, target), '').range;
  }
  return undefined;
}

function inputAt(source: Source, path: Path, offset: number): string | undefined {
  const node = nodeAt(source, path);
  const nodes = isList(node) ? node.items : node ? [node] : [];
  const here = nodes.find((each) => isScalar(each) && holds(each, offset));
  return isScalar(here) ? String(here.value) : undefined;
}

const firstLineEnd = (source: Source, { start, end }: Place): number =>
  start +
  source.lines.text
    .slice(start, end)
    .split(/[\r\n]/, 1)[0]
    .trimEnd().length;
