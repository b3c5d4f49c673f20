import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete } from '../../server/spec/features/completion.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { hover } from '../../server/spec/features/hover.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { linesOf, positionAt } from '../../server/spec/lines.ts';
import { example } from './example.ts';
import { fakePrice } from './price.ts';

const sections = example.match(/^\w+(?=:)/gm)!;
const whole = examine(example).parsed.source.value as { [section: string]: unknown };
const variants: readonly (readonly [name: string, text: string])[] = [
  ['as it is', example],
  ['CRLF', example.replaceAll('\n', '\r\n')],
  ['words beyond ASCII', example.replace('zero', 'нуль').replace('# digits', '# 数字 😀')],
];

test('at every keystroke of a spec that is typed from its top, the sections above are what they will be', () => {
  for (const [name, text] of variants)
    for (let end = 0; end <= text.length; end++) {
      const { parsed } = examine(text.slice(0, end), { price: fakePrice });
      const begun = [...text.slice(0, end).matchAll(/^(\w+):/gm)].map(([, section]) => section);
      for (const section of begun.slice(0, -1)) {
        if (name === 'words beyond ASCII' && section === 'data') continue;
        assert.deepEqual(
          (parsed.source.value as typeof whole)[section],
          whole[section],
          `${name}: ${section} behind ${text.slice(0, end)}`,
        );
      }
      const own = text.slice(0, end).lastIndexOf('\n', end - 1) + 1;
      const line = linesOf(text.slice(0, own)).starts.length - 1;
      for (const { code, range, message } of diagnose({ parsed }))
        assert.ok(
          range.start.line >= line || code === 'missingKey' || code === 'missingValue' || isOpen(text, end, range.start.line),
          `${name}: ${code} ${message} at line ${range.start.line + 1} while line ${line + 1} is typed: ${text.slice(own, end)}`,
        );
    }
  assert.ok(sections.length > 8);
});

/** A section whose end is still being typed may be told of at its head: a network without its last layer, a target without a chip. */
function isOpen(text: string, end: number, line: number): boolean {
  const { starts } = linesOf(text.slice(0, end));
  const lastHead = text.slice(0, end).search(/^\w+:(?![\s\S]*^\w+:)/m);
  return starts[line] >= lastHead;
}

test('every word of the language is offered from its first letter on, wherever the spec is cut off behind it', () => {
  const words = [...example.matchAll(/(?<=^|[\s[{])([a-z][A-Za-z0-9]+)(?=:|[,\s\]}])/gm)].filter(
    ({ index }) => !OWN.test(lineBefore(index)),
  );
  let offered = 0;
  for (const { 0: word, index } of words)
    for (const [name, text] of [
      ['LF', example],
      ['CRLF', example.replaceAll('\n', '\r\n')],
    ] as const) {
      const at = name === 'LF' ? index : index + example.slice(0, index).split('\n').length - 1;
      for (let typed = 1; typed <= word.length; typed++) {
        const cut = text.slice(0, at + typed);
        const labels = complete(cut, positionAt(linesOf(cut), cut.length)).map(({ label }) => label);
        assert.ok(
          labels.includes(word),
          `${name}: ${word} is not offered behind ${JSON.stringify(cut.slice(-60))}: ${labels.slice(0, 12)}`,
        );
        offered++;
      }
    }
  assert.ok(offered > 600, `${offered}`);
});

/** Words that are the author's: names, classes, paths, comments. */
const OWN = /^#|^name: |classes: \[|samples: \S*$|labels: \S*$|folder: \S*$|\d $/;
const lineBefore = (offset: number): string => example.slice(example.lastIndexOf('\n', offset - 1) + 1, offset);

test('weights of classes are offered by the names of the classes, but for those that have one', () => {
  const offered = (written: string) => {
    const text = example.replace('epochs: 6, learningRate: 0.004', written);
    const offset = text.indexOf('|');
    const plain = text.replace('|', '');
    return complete(plain, positionAt(linesOf(plain), offset)).map(({ label }) => label);
  };
  assert.deepEqual(offered('classWeights: |'), ['balanced']);
  assert.deepEqual(offered('classWeights: { one: 2, t| }'), ['zero', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']);
});

test('hovers and hints of what is sound are given at every keystroke below', () => {
  const network = example.indexOf('  - conv2d');
  const behind = example.indexOf('search:');
  for (let end = behind; end <= example.length; end++) {
    const examined = examine(example.slice(0, end), { price: fakePrice });
    assert.equal(inlays(examined).length, 5, example.slice(0, end));
    assert.ok(hover(examined, positionAt(examined.parsed.source.lines, network + 6)), example.slice(0, end));
  }
});
