import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'fflate';
import { MNIST_SHA256 } from '../../server/dataset/absent.ts';
import type { NetworkPrice } from '../../server/spec/features/price.ts';
import type { Problem } from '../../server/spec/problem.ts';
import { call, lastLine } from './call.ts';
import { byHand, digits, makeTask, type Sections, specText } from './task.ts';

test('a clean spec: what the target leaves, exit code 0', async () => {
  const { spec } = makeTask({ target: '{ chip: atmega328p, reserve: { ram: 48 B, flash: 2 KB } }' });
  const { code, out, err } = await call('check', spec);
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  assert.equal(out, 'tiny: no problems. ATmega328P leaves 2,000 B of RAM and 30,720 B of flash.\n');
});

test('a chip that is left out is that of the firmware project; another is warned of', async () => {
  const task = makeTask({ target: '{ reserve: { ram: 48 B, flash: 2 KB } }' });
  const absent = await call('check', task.spec);
  assert.equal(absent.code, 1);
  assert.match(absent.out, /target needs a chip, or ram and flash .* \[missingKey\]/);
  task.put('firmware/platformio.ini', '[env:uno]\nboard = uno\nboard_upload.maximum_size = 32256\n');
  const { code, out } = await call('check', task.spec);
  assert.equal(out, 'tiny: no problems. ATmega328P, which platformio.ini names, leaves 2,000 B of RAM and 30,208 B of flash.\n');
  assert.equal(code, 0);
  const { problems } = lastLine<{ problems: Problem[] }>(await call('check', task.spec, '--json'));
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [['projectChip', 'information']],
  );
  const other = makeTask({ target: '{ chip: atmega2560 }' });
  other.put('firmware/platformio.ini', '[env:uno]\nboard = uno\n');
  const warned = await call('check', other.spec);
  assert.equal(warned.code, 0);
  assert.match(
    warned.out,
    /:3:\d+: warning: the firmware project is for the ATmega328P \(platformio.ini\), .* \[otherChip\]\n {4}Write atmega328p/,
  );
});

test('--space tells how much of the space fits', async () => {
  const { spec } = makeTask({ target: '{ chip: atmega328p, reserve: { ram: 48 B, flash: 2 KB } }' });
  const { code, out } = await call('check', spec, '--space');
  assert.equal(code, 0);
  const [, share] = out.split('\n');
  assert.match(share, /^(All|About \d+ %) .*networks .*; the smallest need [\d,]+ B of RAM and [\d,]+ B of flash\.$/);
});

test('--json gives the budget and the problems: here only how much of the space fits', async () => {
  const { spec } = makeTask({ target: '{ chip: atmega328p, reserve: { ram: 48 B, flash: 2 KB } }' });
  const ended = await call('check', spec, '--space', '--json');
  assert.equal(ended.code, 0);
  const { problems, ...rest } = lastLine<{ problems: Problem[] }>(ended);
  assert.deepEqual(
    problems.map(({ code, severity }) => [code, severity]),
    [['fit', 'information']],
  );
  assert.deepEqual(rest, { file: spec, ok: true, budget: { ramBytes: 2000, flashBytes: 30720 } });
});

test('classes that are unbalanced are a warning: the spec is sound', async () => {
  const task = makeTask({ data: '{ train: { samples: a.csv }, shape: [4, 1], testShare: 20 % }' });
  const rows = Array.from({ length: 240 }, (_, row) => [row % 7, row % 5, row % 3, row % 2, row % 12 === 0 ? 'seldom' : 'often'].join(','));
  writeFileSync(join(task.folder, 'a.csv'), `a,b,c,d,label\n${rows.join('\n')}\n`);
  const { code, out } = await call('check', task.spec);
  assert.equal(code, 0, out);
  assert.match(out, /:2:\d+: warning: the classes are unbalanced: often has 220 training samples, seldom has 20 \[unbalanced\]/);
  assert.match(out, /^tiny: no errors\. /m);
});

test('a search that cannot fit is an error of the spec', async () => {
  const { spec } = makeTask({ target: '{ ram: 40 B, flash: 8 KB }' });
  const { code, out } = await call('check', spec);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`^${spec}:\\d+:\\d+: error: .*(fit).* \\[(noFit|space)\\]$`, 'm'));
});

test('each problem is told with its file, line and column, and a hint', async () => {
  const { spec } = makeTask({ search: '{ trails: 4 }', output: '{ name: 2fast }' });
  const { code, out } = await call('check', spec);
  assert.equal(code, 1);
  const [trails, hint, name] = out.split('\n');
  assert.match(trails, new RegExp(`^${spec}:4:11: error: .*trails.* \\[unknownKey\\]$`));
  assert.match(hint, /^ {4}\S.*trials/);
  assert.match(out, new RegExp(`^${spec}:7:17: error: .* \\[\\w+\\]$`, 'm'));
  assert.ok(name !== undefined);
  const { problems, ok } = lastLine<{ problems: Problem[]; ok: boolean }>(await call('check', spec, '--json'));
  assert.equal(ok, false);
  assert.deepEqual(problems[0].range, { start: { line: 3, character: 10 }, end: { line: 3, character: 16 } });
});

test('a network written by hand is priced layer by layer', async () => {
  const { spec } = makeTask(byHand('[maxPool: 2, conv2d: { filters: 4, kernel: 3 }, relu, flatten, dense: 10]'));
  const { code, out } = await call('check', spec);
  assert.equal(code, 0);
  assert.match(out, /^layer +output +runs +adds +in use$/m);
  assert.match(out, /^conv1 .*12x12x4/m);
  assert.match(out, /^RAM [\d,]+ B, flash [\d,]+ B \(predicted\)$/m);
  const { network } = lastLine<{ network: NetworkPrice }>(await call('check', spec, '--json'));
  assert.ok(network.layers.length >= 3 && network.ramBytes > 0);
});

test('a network written by hand that does not fit is a problem at its place', async () => {
  const network = '[conv2d: { filters: 40, kernel: 3 }, relu, flatten, dense: 10]';
  const { spec } = makeTask({ ...byHand(network), target: '{ ram: 100 B, flash: 8 KB }' });
  const { code, out } = await call('check', spec);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`^${spec}:7:\\d+: error: .* needs [\\d,]+ B of RAM.* \\[overRam\\]$`, 'm'));
  assert.match(out, new RegExp(`^${spec}:7:\\d+: error: .* needs [\\d,]+ B of flash.* \\[overFlash\\]$`, 'm'));
});

const IMAGES = 'train-images-idx3-ubyte.gz';
const LABELS = 'train-labels-idx1-ubyte.gz';
const TEST_LABELS = 't10k-labels-idx1-ubyte.gz';
const DATA = [
  'data:',
  '  train:',
  `    samples: data/${IMAGES}`,
  `    labels: data/${LABELS}`,
  '  test:',
  '    samples: data/t10k-images-idx3-ubyte.gz',
  `    labels: data/${TEST_LABELS}`,
  '',
].join('\n');

/** The digits with one file changed; a change to nothing takes it away. */
function damaged(name: string, change: (bytes: Uint8Array) => Uint8Array | undefined): Map<string, Uint8Array> {
  const files = new Map(digits);
  const bytes = change(files.get(name)!);
  if (bytes) files.set(name, bytes);
  else files.delete(name);
  return files;
}

const unpacked = (change: (bytes: Uint8Array) => Uint8Array) => (bytes: Uint8Array) => gzipSync(change(gunzipSync(bytes)), { mtime: 0 });

const set = (at: number, value: number) =>
  unpacked((bytes) => {
    bytes[at] = value;
    return bytes;
  });

type Refused = { what: string; files: Map<string, Uint8Array>; line: number; says: RegExp; extra?: string; commands?: string[] };

const refused: Refused[] = [
  { what: 'a missing file of samples', files: damaged(IMAGES, () => undefined), line: 4, says: /train-images-idx3-ubyte\.gz is not there/ },
  { what: 'a missing file of labels', files: damaged(TEST_LABELS, () => undefined), line: 8, says: /t10k-labels\S+ is not there/ },
  {
    what: 'gzip data cut off',
    files: damaged(LABELS, (bytes) => bytes.slice(0, bytes.length >> 1)),
    line: 5,
    says: /train-labels\S+ is truncated/,
  },
  {
    what: 'samples cut off within sound gzip data, which only reading them all can tell',
    files: damaged(
      IMAGES,
      unpacked((bytes) => bytes.slice(0, -100)),
    ),
    line: 4,
    says: /train-images\S+ is truncated/,
    commands: ['search'],
  },
  {
    what: 'samples cut off in a plain file',
    files: damaged(IMAGES, (bytes) => gunzipSync(bytes).slice(0, -100)),
    line: 4,
    says: /train-images\S+ is truncated/,
  },
  { what: 'an empty file', files: damaged(IMAGES, () => new Uint8Array()), line: 4, says: /train-images\S+ is truncated/ },
  { what: 'a file that is no IDX', files: damaged(IMAGES, set(0, 77)), line: 4, says: /train-images\S+ is not an IDX file/ },
  { what: 'other counts of samples and labels', files: damaged(LABELS, set(7, 43)), line: 5, says: /train-labels\S+ / },
  {
    what: 'labels in place of samples',
    files: damaged(IMAGES, () => digits.get(LABELS)!),
    line: 4,
    says: /train-images\S+ /,
  },
  {
    what: 'samples in place of labels',
    files: damaged(LABELS, () => digits.get(IMAGES)!),
    line: 5,
    says: /train-labels\S+ has the shape \[300, 28, 28\]; labels are/,
  },
  {
    what: 'test samples of another shape',
    files: damaged(
      't10k-images-idx3-ubyte.gz',
      unpacked((bytes) => {
        [bytes[11], bytes[15]] = [14, 56];
        return bytes;
      }),
    ),
    line: 7,
    says: /t10k-images\S+ .*14x56/,
  },
  { what: 'a test label that training does not know', files: damaged(TEST_LABELS, set(8, 77)), line: 8, says: /t10k-labels\S+ .*77/ },
  {
    what: 'samples of another shape than the spec says',
    files: new Map(digits),
    line: 4,
    says: /holds samples of \[28, 28\]; 28x14x1 is expected/,
    extra: '  shape: [28, 14, 1]\n',
  },
  {
    what: 'a class without samples',
    files: new Map(digits),
    line: 9,
    says: /class odd has no training sample/,
    extra: '  classes: { even: [0, 2, 4, 6, 8], odd: [11] }\n',
  },
];

for (const { what, files, line, says, extra = '', commands = ['check', 'search'] } of refused)
  test(`data are refused by name: ${what}`, async () => {
    const task = makeTask({}, files);
    const text = specText({ data: '' }).replace('name: tiny\n', '');
    task.put('tiny.sparse.yaml', `name: tiny\n${DATA}${extra}${text}`);
    for (const command of commands) {
      const { code, out, err } = await call(command, task.spec);
      assert.equal(code, 1, command);
      const told = command === 'check' ? out : err;
      assert.match(told, new RegExp(`^${task.spec}:${line}:\\d+: error: `, 'm'), told);
      assert.match(told, says);
      assert.match(told, /\[data\]/);
      assert.doesNotMatch(told, /\n +at /);
    }
    assert.deepEqual(task.runs(), []);
    assert.ok(Object.keys(task.files()).every((path) => path.startsWith('data') || path === 'tiny.sparse.yaml'));
  });

test('where MNIST is absent the hint says where to get it and what it hashes to', async () => {
  const { spec } = makeTask({ name: 'mnist' }, new Map());
  const { code, out } = await call('check', spec);
  assert.equal(code, 1);
  const hashes = [...MNIST_SHA256.values()].filter((hash) => out.includes(hash));
  assert.ok(hashes.length >= 1, out);
  assert.match(out, /MNIST database of handwritten digits/);
  assert.ok(out.includes(join(spec, '../data')), out);
});

test("where the example's digits are absent the hint is the command that draws them", async () => {
  const { spec, folder } = makeTask({ name: 'digits' }, new Map());
  const { out } = await call('check', spec);
  assert.ok(out.includes(`sparse digits ${join(folder, 'data')}`), out);
});

test('a spec with an error never starts a search', async () => {
  const wrong: Sections[] = [
    { name: 'Tiny' },
    { search: '{ trials: 0 }' },
    { target: '{ chip: atmega9000 }' },
    { target: '{ ram: 1 KB, flash: 8 KB, reserve: { ram: 1 KB } }' },
    { data: '' },
    { ...byHand('[conv2d: { filters: 40, kernel: 3 }, relu, flatten, dense: 10]'), target: '{ ram: 1 KB, flash: 8 KB }' },
    byHand('[flatten, dense: 3]'),
    { search: '{ space: { branches: 3, blocks: 1 } }' },
    { training: '{ epochs: [' },
  ];
  for (const sections of wrong) {
    const task = makeTask(sections);
    const before = task.files();
    const { code, out, err } = await call('search', task.spec);
    assert.deepEqual({ code, out }, { code: 1, out: '' }, JSON.stringify(sections));
    assert.match(err, /: error: /);
    assert.deepEqual(task.files(), before);
  }
});
