import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MANIFEST, planWrite, readManifest, sha256, writeFiles } from '../../server/firmware/write.ts';

const root = mkdtempSync(join(tmpdir(), 'sparse-firmware-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

/** A folder to write into, and beside it one that must stay as it is. */
function makeFolder(name: string): { folder: string; outside: string } {
  const folder = join(root, name, 'lib');
  const outside = join(root, name, 'outside');
  for (const each of [folder, outside]) mkdirSync(each, { recursive: true });
  writeFileSync(join(outside, 'secret'), 'secret');
  return { folder, outside };
}

const FILES = [
  { path: 'net.h', content: '#pragma once\n' },
  { path: 'net.c', content: '#include "net.h"\n' },
];
const names = (folder: string) => readdirSync(folder).sort();
const content = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');
const writeManifest = (folder: string, files: object) => writeFileSync(join(folder, MANIFEST), JSON.stringify({ version: 1, files }));

test('a folder that is not there is made; the plan says what is written, the manifest how it was', () => {
  const { folder } = makeFolder('new');
  const deep = join(folder, 'a/b');
  assert.deepEqual(planWrite(deep, FILES), {
    folder: deep,
    changes: FILES.map(({ path }) => ({ path, change: 'create' })),
    foreign: [],
  });
  assert.deepEqual(names(folder), [], 'planning touches nothing');
  writeFiles(deep, FILES, { name: 'net', ramBytes: 7 }, false);
  assert.deepEqual(names(deep), ['net.c', 'net.h', MANIFEST]);
  const { version, files, ...facts } = readManifest(deep)!;
  assert.deepEqual({ version, facts }, { version: 1, facts: { name: 'net', ramBytes: 7 } });
  assert.deepEqual(files, Object.fromEntries(FILES.map((file) => [file.path, sha256(file.content)])));
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'); // FIPS 180-2, B.1
});

test('the next time what is the same, changed, new and dropped is told apart', () => {
  const { folder } = makeFolder('next');
  writeFiles(folder, [...FILES, { path: 'old.c', content: 'old' }], {}, false);
  const next = [FILES[0], { path: 'net.c', content: 'changed' }, { path: 'more.c', content: 'more' }];
  const { changes, foreign } = writeFiles(folder, next, {}, false);
  assert.deepEqual(Object.fromEntries(changes.map(({ path, change }) => [path, change])), {
    'net.h': 'same',
    'net.c': 'replace',
    'more.c': 'create',
    'old.c': 'remove',
  });
  assert.deepEqual(foreign, []);
  assert.deepEqual(names(folder), ['more.c', 'net.c', 'net.h', MANIFEST]);
  assert.equal(content(folder, 'net.c'), 'changed');
});

test('files and folders of others, and own files that were changed, keep us out', () => {
  const { folder } = makeFolder('foreign');
  writeFiles(folder, FILES, {}, false);
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'notes'), 'mine');
  writeFileSync(join(folder, 'net.h'), 'edited');
  const next = FILES.map((file) => ({ ...file, content: `${file.content}v2` }));
  const plan = writeFiles(folder, next, {}, false);
  assert.deepEqual([...plan.foreign].sort(), ['net.h', 'notes', 'src']);
  assert.deepEqual([content(folder, 'net.h'), content(folder, 'net.c')], ['edited', FILES[1].content]);
  writeFiles(folder, next, {}, true);
  assert.deepEqual([content(folder, 'net.h'), content(folder, 'notes')], [next[0].content, 'mine']);
  assert.deepEqual(names(folder), ['net.c', 'net.h', 'notes', MANIFEST, 'src']);
});

test('writing that was cut short is taken up again, whatever was reached', () => {
  const { folder } = makeFolder('torn');
  writeFileSync(join(folder, FILES[0].path), FILES[0].content);
  writeFileSync(join(folder, '.net.c.part'), '#inclu');
  assert.deepEqual(planWrite(folder, FILES).foreign, []);
  writeFiles(folder, FILES, {}, false);
  assert.deepEqual(names(folder), ['net.c', 'net.h', MANIFEST]);
});

test('a torn or hostile manifest counts as none', () => {
  const whole = JSON.stringify({ version: 1, files: { 'net.h': sha256(FILES[0].content) } });
  const hash = sha256('secret');
  const bad = [
    '',
    whole.slice(0, -3),
    'null',
    '[]',
    '{"version":2,"files":{}}',
    JSON.stringify({ version: 1, files: { '../outside/secret': hash } }),
    JSON.stringify({ version: 1, files: { '/etc/passwd': hash } }),
    JSON.stringify({ version: 1, files: { 'a\\b': hash } }),
    JSON.stringify({ version: 1, files: { 'a\nb': hash } }),
    JSON.stringify({ version: 1, files: { 'net.h': 'nonsense' } }),
    `{"version":1,"files":{"${'x'.repeat(1 << 20)}":"${hash}"}}`,
  ];
  for (const [index, text] of bad.entries()) {
    const { folder, outside } = makeFolder(`manifest${index}`);
    writeFileSync(join(folder, MANIFEST), text);
    writeFileSync(join(folder, 'net.h'), 'mine');
    assert.equal(readManifest(folder), undefined, text.slice(0, 80));
    assert.deepEqual(planWrite(folder, FILES).foreign, ['net.h']);
    writeFiles(folder, FILES, {}, true);
    assert.equal(content(outside, 'secret'), 'secret');
  }
});

test('names that mean something to the language or the system are names like any other', () => {
  const { folder, outside } = makeFolder('proto');
  writeFileSync(
    join(folder, MANIFEST),
    `{"version":1,"files":{"__proto__":"${sha256('x')}","..":"${sha256('x')}",".":"${sha256('x')}","constructor":"${sha256('x')}"}}`,
  );
  writeFileSync(join(folder, 'toString'), 'mine');
  const plan = writeFiles(folder, FILES, {}, false);
  assert.deepEqual(plan.foreign, ['toString']);
  writeFiles(folder, FILES, {}, true);
  assert.deepEqual(names(folder), ['net.c', 'net.h', MANIFEST, 'toString']);
  assert.equal(content(outside, 'secret'), 'secret');
  assert.equal(({} as { version?: number }).version, undefined);
});

const LINKED = [FILES[0].path, `.${FILES[0].path}.part`, MANIFEST, `.${MANIFEST}.part`, 'other'];

for (const linked of LINKED)
  test(`nothing is written through a link: ${linked}`, (t) => {
    const { folder, outside } = makeFolder(`link ${linked}`);
    try {
      symlinkSync(join(outside, 'secret'), join(folder, linked));
    } catch {
      return t.skip('this system makes no links here');
    }
    const kept = writeFiles(folder, FILES, {}, false);
    if (linked !== MANIFEST) assert.deepEqual(kept.foreign, [linked]);
    writeFiles(folder, FILES, {}, true);
    assert.equal(content(outside, 'secret'), 'secret');
    assert.deepEqual(names(outside), ['secret']);
    for (const name of ['net.h', 'net.c', MANIFEST]) assert.ok(lstatSync(join(folder, name)).isFile(), name);
    if (linked === 'other') assert.ok(lstatSync(join(folder, linked)).isSymbolicLink());
  });

test('a link to the very content that we would write is still a link', (t) => {
  const { folder, outside } = makeFolder('same link');
  writeFileSync(join(outside, 'net.h'), FILES[0].content);
  try {
    symlinkSync(join(outside, 'net.h'), join(folder, 'net.h'));
  } catch {
    return t.skip('this system makes no links here');
  }
  writeManifest(folder, { 'net.h': sha256(FILES[0].content) });
  assert.deepEqual(planWrite(folder, FILES).foreign, ['net.h']);
  writeFiles(folder, [{ path: 'net.h', content: 'new' }], {}, true);
  assert.equal(content(outside, 'net.h'), FILES[0].content);
});

test('dangling links and folders in place of our files are refused, and nothing is left behind', (t) => {
  const { folder } = makeFolder('dangling');
  mkdirSync(join(folder, 'net.c'));
  try {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'net.h'));
    symlinkSync(join(folder, 'nowhere'), join(folder, MANIFEST));
  } catch {
    return t.skip('this system makes no links here');
  }
  assert.deepEqual([...planWrite(folder, FILES).foreign].sort(), ['net.c', 'net.h']);
  assert.throws(() => writeFiles(folder, FILES, {}, true), { code: 'EISDIR' });
  assert.ok(!names(folder).some((name) => name.endsWith('.part')));
  assert.ok(lstatSync(join(folder, 'net.c')).isDirectory());
});

test('a file in place of the folder is an error of the system, and stays', () => {
  const { outside } = makeFolder('file');
  assert.throws(() => writeFiles(join(outside, 'secret'), FILES, {}, true), { code: 'ENOTDIR' });
  assert.equal(content(outside, 'secret'), 'secret');
});
