import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chips } from '../../server/device/chips.ts';
import { actions } from '../../server/spec/features/actions.ts';
import { complete } from '../../server/spec/features/completion.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { hover } from '../../server/spec/features/hover.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { lenses } from '../../server/spec/features/lens.ts';
import { type SpecSymbol, symbols } from '../../server/spec/features/symbols.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { changed, example } from './example.ts';
import { golden } from './golden.ts';
import { caret } from './marks.ts';
import { fakePrice } from './price.ts';

test('hovers', () => {
  const places = [
    changed('name:', 'na|me:'),
    changed('validation: 10 %', 'validation: 1|0 %'),
    changed('atmega328p', 'atm|ega328p'),
    changed('ram: 256 B', 'ram: 25|6 B'),
    changed('network:', 'net|work:'),
    changed('conv2d: { filters: 8', 'conv|2d: { filters: 8'),
    changed('filters: 8', 'fil|ters: 8'),
    changed('- relu', '- re|lu'),
    changed('separable:', 'separ|able:'),
    changed('- dense: 10', '- dense: 1|0'),
    changed('time: 3 min', 'ti|me: 3 min'),
    changed('[conv2d, separable]', '[conv2d, sep|arable]'),
    changed('unstructured:', 'un|structured:'),
    changed('error: 5 %', 'error: 5| %'),
  ];
  const told = places.map((place) => {
    const { text, position } = caret(place);
    const found = hover(examine(text, { price: fakePrice }), position);
    return `${lineWithCaret(place)}\n\n${found?.markdown.replaceAll(/^(?=.)/gm, '    ') ?? '    nothing'}\n`;
  });
  golden('hovers', told.join('\n'));
});

test('there is nothing to say of a comment or of an unknown key', () => {
  for (const place of [changed('# digits', '# di|gits'), changed('seed: 7', 'seed: 7\n  col|our: red')]) {
    const { text, position } = caret(place);
    assert.equal(hover(examine(text), position), undefined);
  }
});

test('completions', () => {
  const places = [
    '|',
    'na|',
    'na|: digits',
    'name: digits\n|\ntarget:\n  chip: attiny85\n',
    'data:\n  |',
    'data:\n  train: { | }',
    'data:\n  format: |',
    'data:\n  validation: |',
    'target:\n  chip: attiny85\n  r|',
    'target:\n  chip: attiny85\n  |\nsearch:\n  trials: 3\n',
    'target: { chip: attiny85, | }',
    'target: { reserve: { r| } }',
    'network:\n  - |',
    'network:\n  - co|\n  - relu\n',
    'network: [relu, |]',
    'network:\n  - conv2d: { filters: 8, | }',
    'network:\n  - conv2d:\n      filters: 8\n      pa|',
    'network:\n  - conv2d: { padding: | }',
    'network:\n  - relu:\n    |',
    changed('- maxPool: 2', '- add:\n    inputs: [conv1, |]'),
    'search:\n  strategy: |',
    'search:\n  space:\n    ops:\n      - |',
    'search:\n  space: { residual: | }',
    'objectives: [error, |]',
    '# na|',
    'name: di|',
  ];
  const told = places.map((place) => {
    const { text, position } = caret(place);
    const items = complete(text, position).map(({ label, kind, snippet, detail }) =>
      `    ${label} (${kind}) ${JSON.stringify(snippet)} ${detail}`.trimEnd(),
    );
    return [lineWithCaret(place), ...items].join('\n');
  });
  golden('completions', `${told.join('\n\n')}\n`);
});

test('every chip is offered with its RAM and flash', () => {
  const { text, position } = caret('target:\n  chip: at|mega');
  const items = complete(text, position);
  assert.deepEqual(
    items.map(({ label }) => label),
    chips.map(({ id }) => id),
  );
  assert.equal(items.find(({ label }) => label === 'atmega328p')?.detail, '2 KB RAM, 32 KB flash');
  assert.deepEqual(items[0].range, { start: { line: 1, character: 8 }, end: { line: 1, character: 14 } });
});

test('behind each layer stand its shape and its RAM', () => {
  const lines = example.split('\n');
  const shown = inlays(examine(example, { price: fakePrice })).map(
    ({ position, label }) => `${lines[position.line].slice(0, position.character)} ‹${label}›`,
  );
  assert.deepEqual(shown, [
    '  - conv2d: { filters: 8, kernel: 3, stride: 2, padding: same } ‹14x14x8 · 80 B · whole›',
    '  - relu ‹14x14x8 · no RAM of its own›',
    '  - separable: { filters: 16, kernel: 3 } ‹12x12x16 · 240 B · whole›',
    '  - maxPool: 2 ‹6x6x16 · 160 B · whole›',
    '  - dense: 10 ‹1x1x10 · 100 B · whole›',
  ]);
});

test('without a price there are shapes; with a fault, the layers before it', () => {
  const labels = (text: string) => inlays(examine(text)).map(({ label }) => label);
  assert.deepEqual(labels(example), ['14x14x8', '14x14x8', '12x12x16', '6x6x16', '1x1x10']);
  assert.deepEqual(labels(changed('- maxPool: 2', '- maxP')), ['14x14x8', '14x14x8', '12x12x16']);
  assert.deepEqual(labels(changed('- maxPool: 2', '-')), ['14x14x8', '14x14x8', '12x12x16']);
  assert.deepEqual(labels(changed('{ filters: 16, kernel: 3 }', '{ filters: 16, ker')), ['14x14x8', '14x14x8']);
  assert.deepEqual(labels(changed('target:', 'targ')), ['14x14x8', '14x14x8', '12x12x16', '6x6x16', '1x1x10']);
});

test('every layer over the budget is marked, the peak where all fits', () => {
  const marks = (text: string) =>
    diagnose(examine(text, { price: fakePrice })).map(({ code, range, severity }) => [code, severity, range.start.line]);
  assert.deepEqual(marks(example), [['peak', 'information', 16]]);
  assert.deepEqual(marks(changed('ram: 2 KB', 'ram: 1500 B')), [
    ['overRam', 'error', 16],
    ['overRam', 'error', 17],
  ]);
  assert.deepEqual(
    marks(changed('chip: atmega328p', 'chip: nothing')).map(([code]) => code),
    ['unknownChip'],
  );
});

test('the search starts from the first line', () => {
  assert.deepEqual(
    lenses(parseSpec(example)).map(({ command, title, range }) => [command, title, range.start.line]),
    [['sparse.runSearch', 'Run SpArSe Search', 1]],
  );
  assert.deepEqual(lenses(parseSpec('')), []);
  assert.deepEqual(lenses(parseSpec('# only a comment\n')), []);
});

test('the outline has sections, keys and layers', () => {
  const outline = (list: readonly SpecSymbol[], depth = 0): string[] =>
    list.flatMap(({ name, detail, kind, children }) => [
      `${'  '.repeat(depth)}${name} [${kind}] ${detail}`.trimEnd(),
      ...outline(children, depth + 1),
    ]);
  golden('outline', `${outline(symbols(examine(example))).join('\n')}\n`);
});

test('fixes are offered where the caret touches their problem', () => {
  const { problems } = parseSpec(changed('strategy: evolution', 'strategy: evolve').replace('trials', 'trails'));
  const at = (line: number, character: number) =>
    actions(problems, { start: { line, character }, end: { line, character } }).map(({ fix }) => fix.title);
  assert.deepEqual(at(21, 3), ['Change to trials']);
  assert.deepEqual(at(21, 8), ['Change to trials']);
  assert.deepEqual(at(21, 9), []);
  assert.deepEqual(at(1, 0), []);
});

function lineWithCaret(place: string): string {
  return place.split('\n').find((line) => line.includes('|'))!;
}
