import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { actions } from '../../server/spec/features/actions.ts';
import { complete } from '../../server/spec/features/completion.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { folds } from '../../server/spec/features/folding.ts';
import { format } from '../../server/spec/features/formatting.ts';
import { hover } from '../../server/spec/features/hover.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { lenses } from '../../server/spec/features/lens.ts';
import { writtenPaths } from '../../server/spec/features/paths.ts';
import { quantityTokens } from '../../server/spec/features/quantities.ts';
import { definition, renamable } from '../../server/spec/features/rename.ts';
import { selections } from '../../server/spec/features/selection.ts';
import { type SpecSymbol, symbols } from '../../server/spec/features/symbols.ts';
import { lineEnd, linesOf, positionAt } from '../../server/spec/lines.ts';
import type { Range } from '../../server/spec/problem.ts';
import { budgetOf } from '../../server/spec/spec.ts';
import { example } from './example.ts';
import { fakePrice } from './price.ts';

/** Pieces that matter to YAML or to the language, and some that matter to neither. */
const piece = fc.oneof(
  fc.constantFrom(
    ...':-{}[],#&*!|>\'"%@`?~\n\t\r',
    ': ',
    '- ',
    '\r\n',
    '---\n',
    '...\n',
    '<<: ',
    '\ufeff',
    '\ud800',
    'é',
    '網',
    '😀',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom(
    'name',
    'data',
    'target',
    'network',
    'conv2d',
    'relu',
    'inputs',
    '2 KB',
    '-1',
    '1e999',
    '.nan',
    'null',
    'true',
    '0x10',
    'input',
    'shape',
  ),
  fc.string({ maxLength: 4 }),
);
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(12), text: piece });

/** The example with up to six stretches replaced, or cut off. */
const broken = fc
  .record({ edits: fc.array(edit, { minLength: 1, maxLength: 6 }), keep: fc.double({ min: 0, max: 1, noNaN: true }), whole: fc.boolean() })
  .map(({ edits, keep, whole }) => {
    let text = whole ? example : example.slice(0, Math.floor(keep * example.length));
    for (const { at, length, text: inserted } of edits) {
      const start = Math.floor(at * text.length);
      text = text.slice(0, start) + inserted + text.slice(start + length);
    }
    return text;
  });
const caretIn = fc.double({ min: 0, max: 1, noNaN: true });

test('whatever the text, nothing throws and every range lies in it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        broken,
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      ),
      caretIn,
      (text, at) => everything(text, at),
    ),
    { numRuns: 1500, examples: [['\r\r\n%', 0]] },
  );
});

test('a spec without errors is whole', () => {
  fc.assert(
    fc.property(broken, (text) => {
      const { parsed } = examine(text);
      const errors = parsed.problems.filter(({ severity }) => severity === 'error');
      assert.equal(parsed.spec !== undefined, errors.length === 0);
      if (!parsed.spec) return;
      const { name, data, target, search, training, pruning, objectives, limits, output } = parsed.spec;
      for (const section of [name, data, target, search, training, pruning, objectives, limits, output])
        assert.notEqual(section, undefined);
      assert.ok(budgetOf(parsed.spec).ramBytes > 0 && budgetOf(parsed.spec).flashBytes > 0);
    }),
    { numRuns: 500 },
  );
});

test('the same text gives the same answer', () => {
  fc.assert(
    fc.property(broken, (text) =>
      assert.deepEqual(diagnose(examine(text, { price: fakePrice })), diagnose(examine(text, { price: fakePrice }))),
    ),
    { numRuns: 100 },
  );
});

function everything(text: string, at: number): void {
  const lines = linesOf(text);
  const inside = ({ start, end }: Range) => {
    for (const { line, character } of [start, end]) {
      assert.ok(line >= 0 && line < lines.starts.length, `line ${line} of ${lines.starts.length}`);
      assert.ok(character >= 0 && lines.starts[line] + character <= lineEnd(lines, line), `character ${character} of line ${line}`);
    }
    assert.ok(start.line < end.line || (start.line === end.line && start.character <= end.character), 'a range runs forwards');
  };
  const symbolInside = ({ range, selection, children }: SpecSymbol) => {
    inside(range);
    inside(selection);
    children.forEach(symbolInside);
  };
  const examined = examine(text, { price: fakePrice });
  const problems = diagnose(examined);
  const position = positionAt(lines, Math.floor(at * text.length));
  for (const { range, fixes } of problems) {
    inside(range);
    for (const { edits } of fixes ?? []) for (const { range: replaced } of edits) inside(replaced);
  }
  for (const { position: place } of inlays(examined)) inside({ start: place, end: place });
  for (const { range } of lenses(examined.parsed)) inside(range);
  for (const { range } of complete(text, position)) inside(range);
  const hovered = hover(examined, position);
  if (hovered) inside(hovered.range);
  symbols(examined).forEach(symbolInside);
  const { source } = examined.parsed;
  for (const { startLine, endLine } of folds(source)) assert.ok(startLine < endLine && endLine < lines.starts.length);
  selections(source, position).forEach(inside);
  for (const { range } of [...format(source), ...quantityTokens(source), ...writtenPaths(source)]) inside(range);
  const name = renamable(examined, position);
  if (typeof name === 'object') inside(name.range);
  const target = definition(examined, position);
  if (target) inside(target);
  actions(problems, { start: position, end: position });
}
