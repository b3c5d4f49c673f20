import type { Lines } from './lines.ts';
import { keyText, type Node, type Pair, type Place } from './node.ts';
import type { PlacedFault } from './syntax.ts';

/** The plain value of a text's tree; what the language leaves out of YAML is a fault. */
export const plainValueOf = (root: Node | null, faults: PlacedFault[], lines: Lines): unknown =>
  root?.kind === 'map' && root.anchor === undefined && root.tag === undefined
    ? plainMap(root.pairs, faults, lines, sectionValue)
    : plainValue(root, faults, lines);

function plainValue(node: Node | null, faults: PlacedFault[], lines: Lines): unknown {
  if (!node) return null;
  const { start, end } = node;
  if (node.kind === 'alias') {
    faults.push({ code: 'alias', start, end, message: `*${node.name}: aliases are not part of the language; write the value out` });
    return undefined;
  }
  if (node.anchor !== undefined)
    faults.push({
      code: 'alias',
      ...anchorPlace(node.anchor, node, lines),
      message: `&${node.anchor}: anchors are not part of the language; leave it out`,
    });
  if (node.tag !== undefined)
    faults.push({ code: 'tag', start, end, message: `${node.tag}: tags are not part of the language; leave it out` });
  if (node.kind === 'list') return node.items.map((item) => plainValue(item, faults, lines));
  return node.kind === 'map' ? plainMap(node.pairs, faults, lines, plainValue) : node.value;
}

/** What was read of a node in which nothing was wrong: sections that did not change are the same nodes again. */
const known = new WeakMap<Node, unknown>();

function sectionValue(node: Node | null, faults: PlacedFault[], lines: Lines): unknown {
  if (!node || node.kind === 'scalar') return plainValue(node, faults, lines);
  if (known.has(node)) return known.get(node);
  const before = faults.length;
  const value = plainValue(node, faults, lines);
  if (faults.length === before) known.set(node, value);
  return value;
}

/** The anchor stands before its value. */
function anchorPlace(anchor: string, value: Place, { text }: Lines): Place {
  const start = text.lastIndexOf(`&${anchor}`, value.start);
  return start < 0 ? { start: value.start, end: value.end } : { start, end: start + anchor.length + 1 };
}

function plainMap(pairs: readonly Pair[], faults: PlacedFault[], lines: Lines, read: typeof plainValue): unknown {
  const value: { [key: string]: unknown } = {};
  for (const pair of pairs) {
    const { key, value: node } = pair;
    const text = keyText(pair);
    const { start, end } = key;
    if (key.kind !== 'scalar') plainValue(key, faults, lines);
    if (text === '<<')
      faults.push({ code: 'alias', start, end, message: '<<: merge keys are not part of the language; write the values out' });
    else if (Object.hasOwn(value, text)) faults.push({ code: 'duplicateKey', start, end, message: `${text} is given twice` });
    else if (text === '__proto__')
      Object.defineProperty(value, text, { value: read(node, faults, lines), enumerable: true, writable: true, configurable: true });
    else value[text] = read(node, faults, lines);
  }
  return value;
}
