import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { operators } from '../../server/network/operators/table.ts';
import { LARGEST } from '../../server/search/space.ts';
import { type JsonSchema, jsonSchema, schemaText } from '../../server/spec/schema/json.ts';
import { OPERATIONS } from '../../server/spec/schema/network.ts';
import { alternatives, keysAt, schemasAt } from '../../server/spec/schema/walk.ts';

test('the JSON schema for other editors is fresh', () => {
  const path = new URL('../../media/schema/sparse.schema.json', import.meta.url);
  assert.equal(readFileSync(path, 'utf8'), schemaText(), 'run node server/spec/schema/write.ts');
});

test('every key says what it means', () => {
  const silent: string[] = [];
  const visit = (node: JsonSchema, name: string) => {
    for (const option of alternatives(node)) {
      for (const [key, child] of Object.entries(option.properties ?? {})) {
        if (!child.description) silent.push(`${name}.${key}`);
        visit(child, `${name}.${key}`);
      }
      if (option.items) visit(option.items, `${name}[]`);
    }
  };
  visit(jsonSchema, '');
  assert.deepEqual(silent, []);
});

test('every operator can be written, and nothing else but separable', () => {
  assert.deepEqual([...OPERATIONS].sort(), [...Object.keys(operators), 'separable'].sort());
  const keys = [...keysAt(['network', 0]).keys()];
  assert.deepEqual(keys.sort(), [...OPERATIONS, 'name', 'inputs'].sort());
});

test('the bounds of the space are those that the search accepts', () => {
  const keys = keysAt(['search', 'space']);
  const pruned = ['structured', 'unstructured'];
  for (const [name, [least, most]] of Object.entries(LARGEST)) {
    const path = pruned.includes(name) ? ['pruning', name] : ['search', 'space', name];
    const [node] = schemasAt(path).flatMap(alternatives);
    assert.deepEqual([node?.minimum, node?.maximum], [least, most], name);
    keys.delete(name);
  }
  assert.deepEqual([...keys.keys()], ['ops', 'padding', 'batchNorm', 'poolTypes', 'residual', 'heads', 'bits']);
});
