import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { type Prediction, page } from '../../server/verify/page.ts';
import type { Check, Proof } from '../../server/verify/proof.ts';

const predicted: Prediction = {
  name: 'digits',
  chip: 'atmega328p',
  ramBytes: 379,
  stateBytes: 322,
  stackBytes: 57,
  flashBytes: 5000,
  cycles: 250_000,
};
const chip = { mcu: 'atmega328p', staticBytes: 322, stackBytes: 45, ramBytes: 367, flashBytes: 5050, cycles: 240_000 };
const check: Check = {
  where: 'simulated ATmega328P',
  test: { samples: 50, different: 0, accuracy: 0.96 },
  random: { samples: 50, different: 0 },
  chip,
};

/** The cells of each row, without marks. */
const rowsOf = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)(?=<tr>|<tbody>|<\/table>)/gs)].map(([, row]) =>
    row
      .split(/<t[hd][^>]*>/)
      .slice(1)
      .map((cell) => cell.replace(/<[^>]*>/g, '')),
  );

test('each figure stands beside its prediction', () => {
  const rows = rowsOf(page({ checks: [check], passed: true }, predicted, [], 16e6));
  assert.deepEqual(
    rows.find(([what]) => what === 'RAM, bytes'),
    ['RAM, bytes', '379', '367', '-12'],
  );
  assert.deepEqual(
    rows.find(([what]) => what === 'Flash, bytes'),
    ['Flash, bytes', '5,000', '5,050', '+50'],
  );
  assert.deepEqual(
    rows.find(([what]) => what.startsWith('Cycles')),
    ['Cycles of an inference', '250,000', '240,000', '-10,000'],
  );
  assert.deepEqual(
    rows.find(([what]) => what === 'Test inputs'),
    ['Test inputs', '50', 'all equal', '96.00 %'],
  );
});

test('what failed is shown, and where answers first differ', () => {
  const first = { sample: 3, layer: 'conv<2>', y: 1, x: 2, channel: 0, expected: 5, actual: -7 };
  const proof: Proof = {
    passed: false,
    checks: [
      { where: 'this machine', failed: 'net.c:12: error: expected <identifier> & more\n' },
      { ...check, random: { samples: 50, different: 9, first }, chip: { ...chip, ramBytes: 500 } },
      { where: 'simulated CH32V003', skipped: 'there is no simulator' },
    ],
  };
  const html = page(proof, predicted, ['net.c was changed']);
  assert.match(html, /Not proven/);
  assert.match(html, /net\.c:12: error: expected &#60;identifier&#62; &#38; more/);
  assert.match(html, /9 differ<\/b>, first in <b>conv&#60;2&#62;<\/b>: row 1, column 2, channel 0 is -7, should be 5 \(input 4\)/);
  assert.match(html, /<td class="bad">500/);
  assert.match(html, /Skipped: there is no simulator/);
  assert.match(html, /net\.c was changed/);
});

test('no name or message becomes markup, and nothing is fetched', () => {
  const random = createRandom(1);
  for (let round = 0; round < 200; round++) {
    const letters = Array.from({ length: 12 }, () => '<>&"\'a/= \u0000script'[random.integer(16)]).join('');
    const html = page({ passed: false, checks: [{ where: letters, failed: letters }] }, { ...predicted, name: letters, chip: letters }, [
      letters,
    ]);
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+|!doctype)/gi)].map(([, tag]) => tag));
    const known = ['!doctype', 'html', 'meta', 'title', 'style', 'h1', 'h2', 'p', 'pre'];
    assert.deepEqual(
      [...tags].filter((tag) => !known.includes(tag)),
      [],
    );
    assert.doesNotMatch(html, /https?:|src=|@import|url\(/);
  }
});
