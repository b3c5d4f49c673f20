import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { probeDataSet } from '../../server/dataset/probe.ts';
import { projectChip } from '../../server/firmware/chip.ts';
import { firmwareUse } from '../../server/firmware/use.ts';
import { createDataLook } from '../../server/language/data.ts';
import { createExaminer } from '../../server/language/examiner.ts';
import { fileOf, findSpecs, listFrom, topOf } from '../../server/language/folders.ts';
import { createOutsider, type Looks, spaceKey } from '../../server/language/outside.ts';
import { priceLayers } from '../../server/language/price.ts';
import { examineSpace } from '../../server/language/space.ts';
import { complete } from '../../server/spec/features/completion.ts';
import { diagnose } from '../../server/spec/features/diagnostics.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { quickFixes } from '../../server/spec/features/fixes.ts';
import { hover } from '../../server/spec/features/hover.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { example } from '../spec/example.ts';

const spec = (more = '') => `name: net
data:
  train: { samples: train.csv }
  validation: 50 %
  testShare: 20 %
target:
  chip: atmega328p
  reserve: { ram: 256 B, flash: 4 KB }
${more}`;
const byHand = 'network:\n  - dense: 2\n';

/** A folder with CSV data of four values: so many samples of either class. */
function place(t: TestContext, [cats, dogs]: readonly [number, number]): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-outside-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeData(folder, [cats, dogs]);
  return { folder, file: join(folder, 'net.sparse.yaml') };
}

function writeData(folder: string, [cats, dogs]: readonly [number, number]): void {
  const rows = [...new Array(cats).fill('cat'), ...new Array(dogs).fill('dog')].map((name, row) => `${row},1,2,3,${name}`);
  writeFileSync(join(folder, 'train.csv'), `a,b,c,d,label\n${rows.join('\n')}\n`);
}

function world(file: string, looks: Looks) {
  const faults: unknown[] = [];
  const log = (fault: unknown) => void faults.push(fault);
  const outsider = createOutsider(looks, { quietMs: 1, topOf: () => dirname(file), log, changed: () => {} });
  const examiner = createExaminer(priceLayers, log, { known: outsider.known, fileOf });
  let version = 0;
  const documentOf = (text: string) => TextDocument.create(pathToFileURL(file).href, 'sparse-spec', ++version, text);
  return {
    outsider,
    faults,
    examined: (text: string) => examiner.examined(documentOf(text)),
    async looked(text: string) {
      await outsider.look(file, examiner.examined(documentOf(text)).parsed);
      await outsider.look(file, examiner.examined(documentOf(text)).parsed);
      return examiner.examined(documentOf(text));
    },
  };
}

const told = (examined: Parameters<typeof diagnose>[0]) => diagnose(examined).map(({ code, range }) => [code, range.start.line]);

test('data are told on their lines, and give a network by hand its input', async (t) => {
  const { folder, file } = place(t, [40, 30]);
  const { looked } = world(file, { data: createDataLook() });
  const examined = await looked(spec(byHand));
  assert.equal(inlays(examined).length, 1, 'four values are a column');
  const shaped = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare');
  assert.deepEqual(told(await looked(shaped)), [['peak', 10]]);
  writeData(folder, [40, 1]);
  assert.deepEqual(told(await looked(shaped)), [
    ['fewSamples', 3],
    ['unbalanced', 2],
    ['peak', 10],
  ]);
  rmSync(join(folder, 'train.csv'));
  assert.deepEqual(told(await looked(shaped)).slice(0, 1), [['data', 2]]);
});

test('the files are looked at again only when they have changed', async (t) => {
  const { folder, file } = place(t, [40, 30]);
  let looks = 0;
  const data = createDataLook((source) => {
    looks++;
    return probeDataSet(source);
  });
  const { looked } = world(file, { data });
  const text = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare');
  await looked(text);
  await looked(`${text}# more\n`);
  assert.equal(looks, 1);
  writeData(folder, [41, 30]);
  await looked(text);
  assert.equal(looks, 2);
});

test('what was found for other words is not told, and the next look finds what holds', async (t) => {
  const { file } = place(t, [40, 30]);
  const { looked, examined } = world(file, { data: createDataLook() });
  const wrong = spec(byHand).replace('train.csv', 'gone.csv');
  assert.deepEqual(told(await looked(wrong)), [
    ['inputShape', 8],
    ['data', 2],
  ]);
  const mended = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare');
  assert.deepEqual(told(examined(mended)), [['peak', 10]]);
  assert.deepEqual(told(await looked(mended)), [['peak', 10]]);
});

test('a search space that cannot fit is an error before any training', async (t) => {
  const { file } = place(t, [40, 30]);
  const { looked } = world(file, { data: createDataLook(), space: examineSpace });
  const text = spec('search: { space: { filters: [8, 16] } }\n').replace('testShare', 'shape: [4, 1]\n  testShare');
  assert.deepEqual(told(await looked(text)), [['fit', 9]]);
  const tight = text.replace('search:', 'limits: { ram: 20 B }\nsearch:');
  const [problem] = diagnose(await looked(tight));
  assert.equal(problem.code, 'noFit', problem.message);
  assert.match(problem.message, /needs \d+ B of RAM, \d+ B more than the 20 B allowed by limits.ram/);
});

test('what the firmware takes is taken from the budget, and hover shows the sum', async (t) => {
  const { folder, file } = place(t, [40, 30]);
  const { looked } = world(file, { firmware: firmwareUse });
  const text = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare');
  const sum = async () => hover(await looked(text), { line: 6, character: 3 })!.markdown;
  assert.match(await sum(), /left for the network \| \*\*1,792 B\*\*/);
  writeFileSync(join(folder, 'platformio.ini'), '');
  const map = join(folder, '.pio/build/uno/firmware.map');
  mkdirSync(dirname(map), { recursive: true });
  writeFileSync(map, 'Linker script and memory map\n\n.text 0x0 0x1000\n.bss 0x00800100 0x100\n');
  const lines = (await sum()).split('\n').filter((line) => line.startsWith('|'));
  assert.deepEqual(lines.slice(-4), [
    '| ATmega328P | 2,048 B | 32,768 B |',
    '| your firmware, .pio/build/uno/firmware.map | −256 B | −4,096 B |',
    '| reserve | −256 B | −4,096 B |',
    '| left for the network | **1,536 B** | **24,576 B** |',
  ]);
  writeFileSync(map, 'Linker script and memory map\n\n.text 0x0 0x1000\n.bss 0x00800100 0x780\n');
  const [problem] = diagnose(await looked(text));
  assert.equal(problem.code, 'noBudget');
  assert.match(
    problem.message,
    /your firmware \(1920 B, .pio.build.uno.firmware.map\) and the reserve of 256 B leave nothing of the 2 KB of ram/,
  );
});

test('the chip that the spec leaves out is that of the firmware project, with the RAM that is left of it there', async (t) => {
  const { folder, file } = place(t, [40, 30]);
  const { looked } = world(file, { project: projectChip, firmware: firmwareUse });
  const text = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare').replace('  chip: atmega328p\n', '');
  assert.deepEqual(told(await looked(text)), [['missingKey', 6]]);
  writeFileSync(
    join(folder, 'platformio.ini'),
    '[env:uno]\nboard = uno\nboard_upload.maximum_ram_size = 1800\nboard_build.f_cpu = 8000000L\n',
  );
  const map = join(folder, '.pio/build/uno/firmware.map');
  mkdirSync(dirname(map), { recursive: true });
  writeFileSync(map, 'Linker script and memory map\n\n.text 0x0 0x1000\n.bss 0x00800100 0x100\n');
  const found = await looked(text);
  assert.deepEqual(told(found).slice(0, 1), [['projectChip', 6]]);
  assert.equal(found.parsed.draft.target!.device.clockHz, 8_000_000);
  const lines = hover(found, { line: 6, character: 3 })!.markdown.split('\n');
  assert.deepEqual(lines.slice(-4), [
    '| ATmega328P, from platformio.ini | 1,800 B | 32,768 B |',
    '| your firmware, .pio/build/uno/firmware.map | −256 B | −4,096 B |',
    '| reserve | −256 B | −4,096 B |',
    '| left for the network | **1,288 B** | **24,576 B** |',
  ]);
});

test('a spec for another chip than its firmware project is warned, and a fix follows the project', async (t) => {
  const { folder, file } = place(t, [40, 30]);
  const { looked } = world(file, { project: projectChip });
  const text = spec(byHand).replace('testShare', 'shape: [4, 1]\n  testShare');
  writeFileSync(join(folder, 'platformio.ini'), '[env:tiny]\nboard = attiny85\n[env:native]\nplatform = native\n');
  const found = await looked(text.replace('flash: 4 KB', 'flash: 1 KB'));
  const [problem] = diagnose(found);
  assert.deepEqual([problem.code, problem.severity, problem.range.start], ['otherChip', 'warning', { line: 7, character: 8 }]);
  assert.equal(problem.message, 'the firmware project is for the ATtiny85 (platformio.ini), the spec for the ATmega328P');
  const again = (changed: string) => examine(changed, { project: found.project });
  const titles = quickFixes(found, problem.range, again).map(({ fix }) => fix.title);
  assert.deepEqual(titles, ['Change to attiny85']);
  const [first] = complete(text, { line: 7, character: 8 }, undefined, found.project);
  assert.deepEqual([first.label, first.detail], ['attiny85', '512 B RAM, 8 KB flash, of platformio.ini']);
});

test('a newer text overtakes a look, and a closed one is not told of', async (t) => {
  const { file } = place(t, [40, 30]);
  let release = () => {};
  const waits = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { outsider } = world(file, { data: () => waits.then(() => ({ faults: [] })) });
  const { parsed } = { parsed: parseSpec(spec()) };
  const [first, second] = [outsider.look(file, parsed), outsider.look(file, parsed)];
  release();
  assert.deepEqual(await Promise.all([first, second]), [false, true]);
  const third = outsider.look(file, parsed);
  outsider.forget(file);
  assert.equal(await third, false);
  assert.equal(outsider.known(file).revision, 0);
});

test('specs are found in bounds, and folders listed', async (t) => {
  const { folder, file } = place(t, [1, 1]);
  for (const path of ['a.sparse.yaml', 'b/c.sparse.yml', 'node_modules/d.sparse.yaml', 'e.yaml']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  assert.deepEqual(
    (await findSpecs([folder, join(folder, 'gone')])).sort(),
    ['a.sparse.yaml', 'b/c.sparse.yml'].map((path) => join(folder, path)),
  );
  assert.deepEqual(listFrom(file)('.'), ['b/', 'node_modules/', 'a.sparse.yaml', 'e.yaml', 'train.csv']);
  assert.deepEqual(listFrom(file)('gone'), []);
  assert.equal(topOf('/a/b/c/x.sparse.yaml', ['/a', '/a/b', '/d']), '/a/b');
  assert.equal(topOf('/x/y.sparse.yaml', ['/a']), '/x');
  assert.equal(fileOf('untitled:one'), undefined);
  assert.equal(fileOf('file:///%zz'), undefined);
});

test('the search space is looked at again where anything changes that its networks, prices or limits depend on', () => {
  const searched = example.replace(/network:[\s\S]*?(?=search:)/, '');
  const keyOf = (from: string, to: string) => {
    assert.ok(searched.includes(from), from);
    return spaceKey(parseSpec(searched.replace(from, to)), undefined);
  };
  const key = keyOf('', '');
  assert.ok(key);
  for (const [from, to] of [
    ['ram: 2 KB', 'ram: 1 KB'],
    ['ram: 2 KB', 'ram: 2 KB\n  prefer: flash'],
    ['ram: 256 B', 'ram: 255 B'],
    ['blocks: [1, 3]', 'blocks: [1, 2]'],
    ['unstructured: 0.8', 'unstructured: 0.7'],
    ['error: 5 %', 'ram: 1 KB'],
    ['learningRate: 0.004', 'learningRate: 0.003'],
    ['learningRate: 0.004', 'quantization: { weights: 4 }'],
    ['learningRate: 0.004', 'classWeights: { zero: 2 }'],
    ['[28, 28, 1]', '[28, 28, 3]'],
    ['eight, nine]', 'eight]'],
  ])
    assert.notEqual(keyOf(from, to), key, to);
  assert.equal(keyOf('epochs: 6', 'epochs: 7'), key);
  assert.equal(keyOf('seed: 7', 'seed: 8'), key);
});
