import { isMap, isScalar, keyText, type Mapping, type Node, pairOf } from './node.ts';
import { RENAMED } from './schema/renamed.ts';
import type { PlacedFault } from './syntax.ts';

/** The tree with every key under its present name, where it stands; the names that were written are told. */
export function renamed(root: Node | null, told: PlacedFault[]): Node | null {
  if (!isMap(root)) return root;
  let tree: Mapping = root;
  for (const { section, old, now } of RENAMED) {
    const map = pairOf(tree, section)?.value;
    const written = isMap(map) ? pairOf(map, old) : undefined;
    if (!isMap(map) || !written || !isScalar(written.key)) continue;
    const { start, end } = written.key;
    told.push({ code: 'deprecated', start, end, message: `${old} is called ${now} now; it is still read`, instead: now });
    const key = { ...written.key, value: now };
    const pairs = map.pairs.map((pair) => (pair === written ? { ...pair, key } : pair));
    tree = {
      ...tree,
      pairs: tree.pairs.map((pair) => (keyText(pair) === section && pair.value === map ? { ...pair, value: { ...map, pairs } } : pair)),
    };
  }
  return tree;
}
