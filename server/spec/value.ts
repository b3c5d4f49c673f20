import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Lines } from './lines.ts';
import type { PlacedFault } from './syntax.ts';
import { keyText, type Place, spanOf } from './tree.ts';

/** The plain value of a tree; what the language leaves out of YAML is a fault. */
export function plainValue(node: Node | null, faults: PlacedFault[], lines: Lines): unknown {
  if (!node) return null;
  const place = spanOf(node) ?? { start: 0, end: 0 };
  if (isAlias(node)) {
    faults.push({ code: 'alias', ...place, message: `*${node.source}: aliases are not part of the language; write the value out` });
    return undefined;
  }
  if ('anchor' in node && node.anchor)
    faults.push({
      code: 'alias',
      ...anchorPlace(node.anchor, place, lines),
      message: `&${node.anchor}: anchors are not part of the language; leave it out`,
    });
  if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:'))
    faults.push({ code: 'tag', ...place, message: `${node.tag}: tags are not part of the language; leave it out` });
  if (isSeq(node)) return node.items.map((item) => plainValue(item as Node, faults, lines));
  if (isMap(node)) return plainMap(node.items, faults, lines);
  return isScalar(node) ? node.value : null;
}

/** The anchor stands before its value. */
function anchorPlace(anchor: string, value: Place, { text }: Lines): Place {
  const start = text.lastIndexOf(`&${anchor}`, value.start);
  return start < 0 ? value : { start, end: start + anchor.length + 1 };
}

function plainMap(pairs: readonly Pair[], faults: PlacedFault[], lines: Lines): unknown {
  const entries = new Map<string, unknown>();
  for (const pair of pairs) {
    const key = keyText(pair);
    const place = spanOf(pair.key as Node) ?? { start: 0, end: 0 };
    if (!isScalar(pair.key)) plainValue(pair.key as Node, faults, lines);
    if (key === '<<')
      faults.push({ code: 'alias', ...place, message: '<<: merge keys are not part of the language; write the values out' });
    else if (entries.has(key)) faults.push({ code: 'duplicateKey', ...place, message: `${key} is given twice` });
    else entries.set(key, plainValue(pair.value as Node | null, faults, lines));
  }
  return Object.fromEntries(entries);
}
