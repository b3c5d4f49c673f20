import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Network } from '../../server/network/network.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { applyEdits } from '../../server/spec/features/edits.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { mends, quickFixes } from '../../server/spec/features/fixes.ts';
import type { NetworkPrice } from '../../server/spec/features/price.ts';
import { changed, example } from './example.ts';
import { fakePrice } from './price.ts';

/** A mistake, the title of its one fix, and what then stands in its place. */
const rows: readonly (readonly [wrong: string, title: string, right: string])[] = [
  [changed('trials: 40', 'trials: 0'), 'Change to 1', 'trials: 1\n'],
  [changed('learningRate: 0.004', 'learningRate: 40'), 'Change to 1', 'learningRate: 1 }'],
  [changed('validation: 10 %', 'validation: 10'), 'Change to 10 %', 'validation: 10 %'],
  [changed('ram: 2 KB', 'ram: 2 KBB'), 'Change to 2 KB', 'ram: 2 KB'],
  [changed('time: 3 min', 'time: 3 mim'), 'Change to 3 min', 'time: 3 min'],
  [changed('trials: 40', 'trials: "40"'), 'Change to 40', 'trials: 40'],
  [changed('training: { epochs: 6, learningRate: 0.004 }', 'training:\n  learningRate: 0,004'), 'Change to 0.004', 'learningRate: 0.004\n'],
  [changed('shape: [28, 28, 1]', 'shape: 28 x 28 x 1'), 'Change to [28, 28, 1]', 'shape: [28, 28, 1]\n'],
  [changed('objectives: [error, ram, flash]', 'objectives: ram'), 'Change to [ram]', 'objectives: [ram]\n'],
  [changed('time: 3 min', 'time: 1h30'), 'Change to 90 min', 'time: 90 min\n'],
  [changed('blocks: [1, 3]', 'blocks: [3, 1]'), 'Change to [1, 3]', 'blocks: [1, 3]'],
  [changed('[error, ram, flash]', '[error, ram, error]'), 'Remove error', '[error, ram]'],
  [changed('name: digits', 'name: My Digits'), 'Change to my_digits', 'name: my_digits\n'],
  [changed('- relu', '- name: 1st ReLU\n    relu:'), 'Change to st_ReLU', 'name: st_ReLU'],
  [changed('ram: 2 KB', 'ram: &all 2 KB'), 'Remove &all', 'ram: 2 KB'],
  [changed('ram: 2 KB', 'ram: !size 2 KB'), 'Remove !size', 'ram: 2 KB'],
  [changed('  ram: 2 KB', '  ram: 2 KB\n  ram: 1 KB'), 'Remove ram', '  ram: 2 KB\n  reserve'],
  [changed('  ram: 2 KB', '  ram: 2 KB\r\n  ram: 1 KB'), 'Remove ram', '  ram: 2 KB\r\n  reserve'],
  [changed('kernel: 3, stride: 2', 'kernel: 3 stride: 2'), 'Put a comma behind 3', 'kernel: 3, stride: 2'],
  [changed('[28, 28, 1]', '[28, 28, 1'), 'Put ] behind line 8', 'shape: [28, 28, 1]'],
  [changed('kernel: 3 }', 'kernel: 3'), 'Put } behind line 17', '{ filters: 16, kernel: 3}'],
  [changed('epochs: 6, learningRate: 0.004 }', 'epochs: 6 # many'), 'Put } behind line 26', '{ epochs: 6} # many'],
  [changed('name: digits', 'name: "digits'), 'Put " at the end', 'name: "digits"'],
  [changed('name: digits\n', 'name digits\n'), 'Put a colon behind name', 'name: digits\n'],
  [changed('dense: 10', 'dense: 9'), 'Change to dense: 10', 'dense: 10'],
  [changed('dense: 10', 'dense: { units: 9 }'), 'Change to dense: 10', 'dense: { units: 10 }'],
  [changed('  - dense: 10\n', ''), 'End with dense: 10', '  - maxPool: 2\n  - dense: 10\n'],
  [changed('strategy: evolution', 'strategy: evolutoin'), 'Change to evolution', 'strategy: evolution'],
  [changed('epochs: 6', 'epochs:'), 'Write 8', 'epochs: 8,'],
];

test('a mistake with one obvious remedy has a fix', () => {
  for (const [wrong, title, right] of rows) {
    const examined = examine(wrong);
    const [problem, ...others] = diagnose(examined);
    assert.deepEqual(others, [], `${title}: ${JSON.stringify(others)}`);
    const fixes = quickFixes(examined, problem.range, examine);
    assert.deepEqual(
      fixes.map(({ fix }) => fix.title),
      [title],
      JSON.stringify(problem),
    );
    const fixed = applyEdits(examined.parsed.source, fixes[0].fix.edits);
    assert.ok(fixed.includes(right), `${title}: ${fixed}`);
    assert.deepEqual(diagnose(examine(fixed)), [], title);
  }
});

/** What a layer holds while it runs: its output, and what it reads. */
const mapPrice = (network: Network): NetworkPrice => {
  const found = fakePrice(network);
  const size = (shape: string) => shape.split('x').reduce((product, extent) => product * Number(extent), 1);
  const layers = found.layers.map((row) => ({ ...row, liveBytes: size(row.shape) }));
  const peak = layers.reduce((worst, each) => (each.liveBytes > worst.liveBytes ? each : worst));
  return { ...found, ramBytes: peak.liveBytes, peak: peak.layer, layers, flashBytes: 20 * size(layers[0].shape) };
};
const priced = (text: string) => examine(text, { price: mapPrice });
const over = (text: string) => diagnose(priced(text)).filter(({ code }) => code === 'overRam' || code === 'overFlash');

test('a layer over the budget is mended by changes that tell what the network then needs', () => {
  const text = changed('filters: 8, kernel: 3, stride: 2', 'filters: 12, kernel: 3, stride: 2')
    .replace('ram: 256 B', 'ram: 0 B')
    .replace('filters: 16', 'filters: 12');
  const [problem, ...others] = over(text);
  assert.equal(others.length, 1);
  const titles = quickFixes(priced(text), problem.range, priced).map(({ fix }) => fix.title);
  assert.deepEqual(titles, [
    'Pool 2 before this layer: 588 B of RAM (2,048 B left)',
    'Down-sample the input by 2: 588 B of RAM (2,048 B left)',
    '10 filters in place of 12 in conv2d (line 15): 1,960 B of RAM (2,048 B left)',
  ]);
});

test('where no single change is enough, several together are offered, behind which the whole network fits', () => {
  const layers = Array.from({ length: 4 }, (_, index) => `  - conv2d: { filters: ${16 + index}, kernel: 3, padding: same }\n`).join('');
  const text = changed('  - conv2d: { filters: 8, kernel: 3, stride: 2, padding: same }\n', layers).replace('error: 5 %', 'ram: 2000 B');
  const examined = priced(text);
  const overRam = (spec: string) => over(spec).filter(({ code }) => code === 'overRam');
  const problems = overRam(text);
  assert.ok(problems.length > 3);
  for (const problem of problems) {
    const joint = quickFixes(examined, problem.range, priced).filter(({ fix }) => /of all layers/.test(fix.title));
    assert.ok(joint.length > 0, problem.message);
    for (const { fix } of joint) {
      assert.ok(fix.edits.length > 3);
      assert.deepEqual(overRam(applyEdits(examined.parsed.source, fix.edits)), [], fix.title);
    }
  }
});

test('whatever the network and the budget, every fix removes its problem, adds none, and its figure is that of the text behind it', () => {
  const layer = fc.oneof(
    fc.record({ filters: fc.integer({ min: 1, max: 40 }), kernel: fc.integer({ min: 1, max: 3 }), block: fc.boolean() }),
    fc.constantFrom('relu' as const, 'maxPool: 2' as const),
  );
  const write = (each: string | { filters: number; kernel: number; block: boolean }) => {
    if (typeof each === 'string') return `  - ${each}\n`;
    const { filters, kernel, block } = each;
    return block
      ? `  - conv2d:\n      filters: ${filters}\n      kernel: ${kernel}\n`
      : `  - conv2d: { filters: ${filters}, kernel: ${kernel} }\n`;
  };
  const [head, tail] = [example.slice(0, example.indexOf('  - conv2d')), example.slice(example.indexOf('  - dense'))];
  let mended = 0;
  fc.assert(
    fc.property(
      fc.array(layer, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 300, max: 2000 }),
      fc.boolean(),
      (layers, bytes, crlf) => {
        const plain = (head + layers.map(write).join('') + tail).replace('error: 5 %', `ram: ${bytes} B`);
        const text = crlf ? plain.replaceAll('\n', '\r\n') : plain;
        const examined = priced(text);
        const before = diagnose(examined);
        for (const problem of over(text).slice(0, 1))
          for (const { fix } of quickFixes(examined, problem.range, priced)) {
            const fixed = applyEdits(examined.parsed.source, fix.edits);
            const after = priced(fixed);
            assert.equal(crlf, /\r\n/.test(fixed) && !/[^\r]\n/.test(fixed));
            for (const { code, severity } of diagnose(after))
              if (severity !== 'information')
                assert.ok(
                  before.some((each) => each.code === code),
                  `${fix.title} brings ${code}`,
                );
            if (/ RAM /.test(fix.title))
              assert.ok(fix.title.includes(`: ${after.price!.ramBytes.toLocaleString('en')} B of RAM`), fix.title);
            if (/ RAM /.test(fix.title)) assert.ok(over(fixed).length <= over(text).length);
            mended++;
          }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(mended > 20, `${mended} fixes`);
});

test('a fix that only moves the problem is none', () => {
  const wrong = changed('strategy: evolution', 'strategy: evolve').replace('trials: 40', 'trials: 0');
  const examined = examine(wrong);
  const problems = diagnose(examined);
  assert.equal(mends({ title: '', edits: [] }, problems[0], problems, examined, examine), false);
});
