import type { Path } from '../problem.ts';
import type { JsonSchema } from './json.ts';
import { jsonSchema } from './json.ts';

/** The schemas that may hold at a path: several where the language leaves a choice. */
export function schemasAt(path: Path): JsonSchema[] {
  let found: JsonSchema[] = [jsonSchema];
  for (const step of path) found = found.flatMap(alternatives).flatMap((node) => child(node, step));
  return found;
}

/** A schema's choices, itself where it leaves none. */
export const alternatives = (node: JsonSchema): JsonSchema[] => (node.anyOf ? node.anyOf.flatMap(alternatives) : [node]);

function child(node: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'string') {
    if (node.properties && Object.hasOwn(node.properties, step)) return [node.properties[step]];
    return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
  }
  if (node.prefixItems) return node.prefixItems[step] ? [node.prefixItems[step]] : [];
  return node.items ? [node.items] : [];
}

/** The keys that may stand in a mapping at a path, with their schemas. */
export function keysAt(path: Path): Map<string, JsonSchema> {
  const nodes = schemasAt(path).flatMap(alternatives);
  return new Map(nodes.flatMap((node) => Object.entries(node.properties ?? {})));
}

/** In words, what may be written: the schema's title, or what its bounds say. */
export function allowed(node: JsonSchema): string {
  if (node.title) return node.title;
  if (node.anyOf) return node.anyOf.map(allowed).join(', or ');
  if (node.enum) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(', ')}`;
  switch (Array.isArray(node.type) ? node.type[0] : node.type) {
    case 'integer':
      return `a whole number${span(node)}`;
    case 'number':
      return `a number${span(node)}`;
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing';
    case 'array':
      return 'a list';
    default:
      return node.properties ? `a mapping with ${Object.keys(node.properties).join(', ')}` : 'a mapping';
  }
}

const span = ({ minimum, maximum }: JsonSchema): string =>
  minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`;
