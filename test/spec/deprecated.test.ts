import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '../../server/spec/features/edits.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { quickFixes } from '../../server/spec/features/fixes.ts';
import { hover } from '../../server/spec/features/hover.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { RENAMED } from '../../server/spec/schema/renamed.ts';
import { keysAt } from '../../server/spec/schema/walk.ts';
import { changed, example } from './example.ts';

test('former names of keys are none of the language, and their new names are', () => {
  for (const { section, old, now } of RENAMED) {
    assert.ok(keysAt([section]).has(now), now);
    assert.ok(!keysAt([section]).has(old), old);
  }
});

test('a former name means what the new one means, in blocks, in brackets and in quotes', () => {
  const now = parseSpec(changed('{ epochs: 6, learningRate: 0.004 }', '{ batch: 32, optimiser: sgd }')).spec;
  for (const written of [
    '{ batchSize: 32, optimizer: sgd }',
    '{ "batchSize": 32, optimizer: sgd }',
    '\n  batchSize: 32\n  optimizer: sgd',
  ]) {
    const { spec, problems } = parseSpec(changed('{ epochs: 6, learningRate: 0.004 }', written));
    assert.deepEqual(spec, now);
    assert.deepEqual(
      problems.map(({ code, severity }) => [code, severity]),
      [
        ['deprecated', 'warning'],
        ['deprecated', 'warning'],
      ],
    );
  }
});

test('its faults stand where it is written; with the new name beside it, it is given twice', () => {
  const at = (written: string) => parseSpec(changed('epochs: 6', written)).problems.map(({ code, range }) => [code, range.start.character]);
  assert.deepEqual(at('batchSize: 0'), [
    ['deprecated', 12],
    ['outOfRange', 23],
  ]);
  assert.deepEqual(at('batch: 8, batchSize: 9'), [
    ['duplicateKey', 22],
    ['deprecated', 22],
  ]);
});

test('the fix writes the new name, and hovers tell of it', () => {
  const text = changed('epochs: 6', 'batchSize: 32');
  const examined = examine(text);
  const [problem] = examined.parsed.problems;
  const [{ fix }] = quickFixes(examined, problem.range, examine);
  assert.equal(fix.title, 'Change to batch');
  assert.equal(applyEdits(examined.parsed.source, fix.edits), changed('epochs: 6', 'batch: 32'));
  assert.match(hover(examined, problem.range.start)!.markdown, /Samples per step/);
  assert.deepEqual(parseSpec(example).problems, []);
});
