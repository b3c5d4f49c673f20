import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createExaminer } from '../../server/language/examiner.ts';
import { priceAtOnce, priceLayers } from '../../server/language/price.ts';
import { createPricing } from '../../server/language/pricing.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { applyEdits } from '../../server/spec/features/edits.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { mends } from '../../server/spec/features/fixes.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { handWritten } from '../editor/specs.ts';
import { example } from '../spec/example.ts';

/** 100,000 take some minutes: `SPARSE_EDITS=100000`. */
const EDITS = Number(process.env.SPARSE_EDITS ?? 800);

const digits = readFileSync(new URL('../../media/examples/digits/digits.sparse.yaml', import.meta.url), 'utf8');
const specs = [example, digits, handWritten, example.replaceAll('\n', '\r\n'), example.replace('zero, one', 'нуль, 一')];

/** What a hand at a keyboard does: a character more or less, a word of the language, a line gone or twice, half of it cut off. */
const WORDS = [
  ...':-{}[],#"\'& \t\n',
  '\r\n',
  '  ',
  'é',
  '網',
  '😀',
  '2 KB',
  'ram',
  '- relu\n',
  'kernel: 3',
  'null',
  '---\n',
  '0',
  '9',
  '%',
];

function edit(document: TextDocument, random: Random): { range: ReturnType<typeof rangeOf>; text: string } {
  const text = document.getText();
  const at = random.integer(text.length + 1);
  const some = random.integer(10);
  if (some < 4) return { range: rangeOf(document, at, at), text: WORDS[random.integer(WORDS.length)] };
  if (some < 8) return { range: rangeOf(document, at, at + 1 + random.integer(3)), text: '' };
  const end = text.indexOf('\n', at);
  if (some < 9) return { range: rangeOf(document, at, end < 0 ? text.length : end + 1), text: '' };
  return { range: rangeOf(document, at, at), text: text.slice(at, at + random.integer(60)) };
}

const rangeOf = (document: TextDocument, start: number, end: number) => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});

test(`after each of ${EDITS} random edits the problems are those of the text read afresh`, () => {
  const random = createRandom(Number(process.env.SPARSE_SEED ?? 1)).fork('edits');
  const pricing = createPricing(priceAtOnce, priceLayers);
  const faults: unknown[] = [];
  const examiner = createExaminer(pricing.now, (fault) => faults.push(fault));
  const bugs = () => faults.map((fault) => (fault instanceof Error ? fault.stack : fault));
  let sound = 0;
  for (let done = 0; done < EDITS; ) {
    let document = TextDocument.create(`file:///${done}.sparse.yaml`, 'sparse-spec', 1, specs[random.integer(specs.length)]);
    // A spec is soon past all reading: after some edits another is begun.
    for (let edits = 1 + random.integer(12); edits > 0 && done < EDITS; edits--, done++) {
      const { range, text } = edit(document, random);
      document = TextDocument.update(document, [{ range, text }], document.version + 1);
      const shown = examiner.examined(document);
      const fresh = examine(document.getText(), {
        price: priceAtOnce,
      });
      const place = `edit ${done}: ${JSON.stringify(document.getText())}`;
      assert.deepEqual(diagnose(shown), diagnose(fresh), place);
      assert.deepEqual(inlays(shown), inlays(fresh), place);
      assert.deepEqual(bugs(), [], place);
      if (shown.parsed.spec) sound++;
    }
    examiner.forget(document.uri);
  }
  assert.ok(sound > EDITS / 40, `only ${sound} of ${EDITS} texts were sound`);
});

test('every fix that a broken spec offers by itself can be applied, and what it brings is read', () => {
  const random = createRandom(2).fork('fixes');
  let [mended, all] = [0, 0];
  for (let round = 0; round < Math.min(EDITS, 600); round++) {
    let document = TextDocument.create('file:///a.sparse.yaml', 'sparse-spec', 1, specs[random.integer(specs.length)]);
    const { range, text } = edit(document, random);
    document = TextDocument.update(document, [{ range, text }], 2);
    const examined = examine(document.getText());
    const problems = diagnose(examined);
    for (const problem of problems.slice(0, 2))
      for (const fix of problem.fixes ?? []) {
        all++;
        if (mends(fix, problem, problems, examined, examine)) mended++;
        else diagnose(examine(applyEdits(examined.parsed.source, fix.edits)));
      }
  }
  assert.ok(all > 10 && mended > all / 3, `${mended} of ${all} mend`);
});
