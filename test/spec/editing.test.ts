import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { complete } from '../../server/spec/features/completion.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { applyEdits } from '../../server/spec/features/edits.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { folds } from '../../server/spec/features/folding.ts';
import { format } from '../../server/spec/features/formatting.ts';
import { lenses } from '../../server/spec/features/lens.ts';
import { writtenPaths } from '../../server/spec/features/paths.ts';
import { quantityTokens } from '../../server/spec/features/quantities.ts';
import { definition, renamable, rename } from '../../server/spec/features/rename.ts';
import { selections } from '../../server/spec/features/selection.ts';
import { templates } from '../../server/spec/features/templates.ts';
import { linesOf, lineText, offsetAt } from '../../server/spec/lines.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import type { Range } from '../../server/spec/problem.ts';
import { readSource } from '../../server/spec/source.ts';
import { changed, example } from './example.ts';
import { caret } from './marks.ts';

const textOf = (text: string, { start, end }: Range) => {
  const lines = linesOf(text);
  return text.slice(offsetAt(lines, start), offsetAt(lines, end));
};
const formatted = (text: string) => {
  const source = readSource(text);
  return applyEdits(source, format(source));
};

const messy = `# top
name:   digits   # the name

data:
    train: {samples: a.idx,   labels: "b c.idx"}  
    shape:   [28,28,  1]
    # about classes
    classes:
        - 'one'
        - two # second
network:
- relu
-   conv2d: {filters: 8,kernel: [3,3]}
- dense:
     units: 10
`;

test('formatting is two spaces per level, and keeps comments, quotes and brackets', () => {
  const tidy = `# top
name: digits # the name

data:
  train: { samples: a.idx, labels: "b c.idx" }
  shape: [28, 28, 1]
  # about classes
  classes:
    - 'one'
    - two # second
network:
  - relu
  - conv2d: { filters: 8, kernel: [3, 3] }
  - dense:
      units: 10
`;
  assert.equal(formatted(messy), tidy);
  assert.equal(formatted(messy.replaceAll('\n', '\r\n')), tidy.replaceAll('\n', '\r\n'));
  assert.equal(formatted(example), example);
  const halfTyped = messy.replace('[28,28,  1]', '[28,28');
  assert.equal(formatted(halfTyped), halfTyped);
});

test('formatting changes nothing that the text says, and nothing the second time', () => {
  const spaces = fc.constantFrom(' ', '  ', '   ');
  const comment = fc.constantFrom('', ' # note', '   #  Ünïcode [ 1 ]');
  fc.assert(
    fc.property(spaces, comment, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 6 }), (space, note, eol, indent) => {
      const text = example
        .split('\n')
        .map((line) => line.replace(/^ +/, (found) => ' '.repeat((found.length / 2) * indent)))
        .map((line) => line.replace(/: /, `:${space}`) + (line === '' ? '' : note))
        .join(eol);
      const once = formatted(text);
      assert.deepEqual(parse(once), parse(text));
      assert.equal(formatted(once), once);
      assert.deepEqual(
        [...once.matchAll(/#(.*)/g)].map(([, words]) => words.trim()),
        [...text.matchAll(/#(.*)/g)].map(([, words]) => words.trim()),
      );
    }),
    { numRuns: 60 },
  );
});

test('sections, lists and long comments fold', () => {
  const text = `# one\n# two\n${messy}`;
  const lines = text.split('\n');
  assert.deepEqual(
    folds(readSource(text)).map(({ startLine, endLine, kind }) => [lines[startLine], lines[endLine].trim(), kind]),
    [
      ['# one', '# top', 'comment'],
      ['data:', '- two # second', undefined],
      ['    classes:', '- two # second', undefined],
      ['network:', 'units: 10', undefined],
      ['- dense:', 'units: 10', undefined],
    ],
  );
});

test('a growing selection takes in the value, its key, its mapping, its section', () => {
  const { text, position } = caret(changed('filters: 8', 'filters: |8'));
  const chosen = selections(readSource(text), position).map((range) => textOf(text, range));
  assert.deepEqual(chosen.slice(0, 4), [
    '8',
    'filters: 8',
    '{ filters: 8, kernel: 3, stride: 2, padding: same }',
    'conv2d: { filters: 8, kernel: 3, stride: 2, padding: same }',
  ]);
  assert.ok(chosen[5].startsWith('network:'));
  assert.equal(chosen.at(-1), text);
  for (const [index, range] of chosen.slice(1).entries()) assert.ok(range.includes(chosen[index]));
});

const named = changed(
  '  - separable: { filters: 16, kernel: 3 }',
  '  - separable: { filters: 8, kernel: 3, padding: same }\n    name: mix',
).replace('- maxPool: 2', '- add:\n    inputs: [mix, mix]\n  - maxPool: 2');

test('a class or a layer is renamed wherever it stands', () => {
  const renamed = (text: string, name: string) => {
    const { text: plain, position } = caret(text);
    const examined = examine(plain);
    const edits = rename(examined, position, name);
    return typeof edits === 'string' ? edits : applyEdits(examined.parsed.source, edits);
  };
  assert.equal(renamed(changed('[zero, one', '[zero, o|ne'), 'uno'), changed('[zero, one', '[zero, uno'));
  assert.equal(renamed(changed('[zero, one', '[zero, o|ne'), 'yes: 1'), changed('[zero, one', '[zero, "yes: 1"'));
  assert.equal(renamed(named.replace('name: mix', 'name: m|ix'), 'blend'), named.replaceAll('mix', 'blend'));
  assert.equal(renamed(named.replace('[mix, mix]', '[mix, m|ix]'), 'blend'), named.replaceAll('mix', 'blend'));
  assert.match(renamed(changed('[zero, one', '[zero, o|ne'), 'two'), /there is a class named two already/);
  assert.match(renamed(named.replace('name: mix', 'name: m|ix'), 'Not a name'), /letters, digits and underscores/);
  assert.match(renamed(changed('na|me: digits'.replace('|', ''), 'na|me: digits'), 'x'), /no name/);
  const images = changed('format: idx', 'format: images')
    .replaceAll(/, labels: [^ ]+/g, '')
    .replace('[zero', '[ze|ro');
  assert.match(renamed(images, 'null'), /names are those of the folders/);
});

test('whatever a class is renamed to, it is that name in the spec, and nothing else is other than before', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 12 }), (name) => {
      const { text, position } = caret(changed('[zero, one', '[zero, o|ne'));
      const examined = examine(text);
      const edits = rename(examined, position, name);
      if (typeof edits === 'string') return;
      const after = parseSpec(applyEdits(examined.parsed.source, edits));
      assert.deepEqual(after.problems, []);
      const classes = examined.parsed.spec!.data.classes!.map((each) => (each.name === 'one' ? { ...each, name } : each));
      assert.deepEqual(after.spec, { ...examined.parsed.spec, data: { ...examined.parsed.spec!.data, classes } });
    }),
    { numRuns: 300 },
  );
});

test('an input leads to its layer', () => {
  const { text, position } = caret(named.replace('[mix, mix]', '[mix, m|ix]'));
  assert.equal(textOf(text, definition(examine(text), position)!), 'separable: { filters: 8, kernel: 3, padding: same }');
  assert.equal(definition(examine(example), { line: 1, character: 1 }), undefined);
  assert.equal(renamable(examine(example), { line: 1, character: 1 }), undefined);
});

test('paths are found as they are written', () => {
  const text = changed('data/train-images-idx3-ubyte.gz', '"data/a b.gz"');
  const found = writtenPaths(readSource(text));
  assert.deepEqual(
    found.map(({ path, written, range }) => [path.join('.'), written, textOf(text, range)]),
    [
      ['data.train.samples', 'data/a b.gz', 'data/a b.gz'],
      ['data.train.labels', 'data/train-labels-idx1-ubyte.gz', 'data/train-labels-idx1-ubyte.gz'],
      ['data.test.samples', 'data/test-images-idx3-ubyte.gz', 'data/test-images-idx3-ubyte.gz'],
      ['data.test.labels', 'data/test-labels-idx1-ubyte.gz', 'data/test-labels-idx1-ubyte.gz'],
      ['output.folder', 'firmware/lib/digits', 'firmware/lib/digits'],
    ],
  );
});

test('numbers and units of quantities have colours', () => {
  const shown = quantityTokens(readSource(example)).map(({ range, type }) => `${textOf(example, range)} ${type}`);
  assert.deepEqual(
    shown,
    ['10', '%', '2', 'KB', '256', 'B', '4', 'KB', '3', 'min', '5', '%'].map((word, index) => `${word} ${index % 2 ? 'unit' : 'number'}`),
  );
});

test('units are offered behind a number', () => {
  const labels = (place: string) => {
    const { text, position } = caret(place);
    return complete(text, position).flatMap(({ label, kind, snippet, range }) =>
      kind === 'unit' ? [`${label}: ${text.slice(0, offsetAt(linesOf(text), range.start))}${snippet}`.split('\n').at(-1)] : [],
    );
  };
  assert.deepEqual(labels('target:\n  ram: 2 |').slice(0, 2), ['  ram: 2 B', '  ram: 2 KB']);
  assert.deepEqual(labels('target:\n  ram: 2|').slice(0, 2), ['  ram: 2 B', '  ram: 2 KB']);
  assert.deepEqual(labels('search:\n  time: 30 m|'), ['  time: 30 s', '  time: 30 min', '  time: 30 h', '  time: 30 d']);
  assert.deepEqual(labels('search:\n  trials: 30 |'), []);
  assert.deepEqual(labels('target:\n  ram: |'), []);
});

test('paths are completed folder by folder', () => {
  const folders: { [path: string]: string[] } = { '.': ['data/', 'a.csv', '.git/'], 'data/': ['train.gz', 'test.gz'] };
  const offered = (place: string) => {
    const { text, position } = caret(place);
    const items = complete(text, position, (path) => folders[path] ?? []);
    return items.map(({ range, snippet }) => {
      const lines = linesOf(text);
      return lineText(
        linesOf(text.slice(0, offsetAt(lines, range.start)) + snippet + text.slice(offsetAt(lines, range.end))),
        position.line,
      );
    });
  };
  assert.deepEqual(offered('data:\n  train:\n    samples: |'), ['    samples: data/', '    samples: a.csv']);
  assert.deepEqual(offered('data:\n  train: { samples: da| }'), ['  train: { samples: data/ }', '  train: { samples: a.csv }']);
  assert.deepEqual(offered('data:\n  train: { samples: data/t|r }'), [
    '  train: { samples: data/train.gz }',
    '  train: { samples: data/test.gz }',
  ]);
});

test('whole specs are offered where there is none, and are sound once they are filled in', () => {
  const at = { line: 0, character: 0 };
  const empty = complete('', at).filter(({ kind }) => kind === 'snippet');
  assert.equal(empty.length, templates({ start: at, end: at }).length);
  for (const { snippet, label } of empty)
    assert.deepEqual(diagnose(examine(snippet.replace('$1', 'mine').replace('$2', '128'))), [], label);
  assert.equal(complete(`${example}\n`, { line: 30, character: 0 }).filter(({ kind }) => kind === 'snippet').length, 0);
});

test('the last run is told above the spec', () => {
  const titles = (last: Parameters<typeof lenses>[1]) =>
    lenses(parseSpec(example), last).map(({ title, command }) => `${command}: ${title}`);
  assert.deepEqual(titles({ status: 'finished', bestAccuracy: 0.9712, bestRamBytes: 1893 }), [
    'sparse.runSearch: Run SpArSe Search',
    'sparse.showBudget: Open Budget: 97.1 % with 1,893 B of RAM',
  ]);
  assert.deepEqual(titles({ status: 'interrupted' }), [
    'sparse.runSearch: Run SpArSe Search',
    'sparse.resumeSearch: Resume',
    'sparse.showBudget: Open Budget (interrupted)',
  ]);
});
