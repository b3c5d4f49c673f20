import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readManifest } from '../../server/firmware/write.ts';
import { call, lastLine } from './call.ts';
import { filesIn, makeTask, type Task } from './task.ts';

const OWN = ['sparse.manifest.json', 'tiny.c', 'tiny.h', 'tiny.model.json'];

/** One search for all tests; each exports its candidates into folders of its own. */
let task: Task;
let run: string;
let chosen: number;
before(async () => {
  task = makeTask();
  assert.equal((await call('search', task.spec)).code, 0);
  [run] = task.runs();
  chosen = readManifest(join(task.folder, 'firmware/lib/tiny'))!.candidate as number;
});

const exportInto = (into: string, ...more: string[]) => call('export', run, '--into', into, ...more);

test('--prefer lays the C out otherwise than the spec says', async () => {
  const ram = (folder: string) => readManifest(folder)!.ramBytes as number;
  const [least, fast] = [join(task.folder, 'least'), join(task.folder, 'fast')];
  assert.equal((await exportInto(least, '--prefer', 'ram')).code, 0);
  assert.equal((await exportInto(fast, '--prefer', 'speed')).code, 0);
  assert.ok(ram(least) < ram(fast), `${ram(least)} B, ${ram(fast)} B`);
  const { err, code } = await exportInto(least, '--prefer', 'beauty');
  assert.equal(code, 2);
  assert.match(err, /^sparse export: --prefer is speed, ram, flash, not beauty$/m);
});

test('export writes any candidate of the run anywhere', async () => {
  const into = join(task.folder, 'deep/er/lib');
  const other = chosen === 0 ? 1 : 0;
  const { code, out } = await exportInto(into, '--candidate', String(other));
  assert.equal(code, 0);
  assert.match(out, /tiny\.c \(new\)/);
  assert.deepEqual(Object.keys(filesIn(into)), OWN);
  const { candidate, spec, testAccuracy } = readManifest(into)!;
  assert.deepEqual([candidate, spec, testAccuracy], [other, '../../../tiny.sparse.yaml', undefined]);
});

test('export without an id takes the chosen one, and the folder of the spec', async () => {
  const { code, out } = await call('export', run);
  assert.equal(code, 0);
  for (const name of OWN.slice(1)) assert.match(out, new RegExp(`${name} \\(unchanged\\)`));
});

test('a candidate that is not there, or is damaged, is told by name', async () => {
  for (const id of ['99', 'best', '1.5', '', '../../../x']) {
    const { code, out, err } = await exportInto(join(task.folder, 'none'), '--candidate', id);
    assert.deepEqual([code, out], [2, ''], id);
    assert.match(err, new RegExp(`^sparse export: .*candidate .*${id}`), id);
    assert.doesNotMatch(err, /\n +at /, id);
  }
  const path = `${run.slice(task.folder.length)}/candidates/${chosen}.json`;
  const whole = task.read(path);
  task.put(path, whole.slice(0, whole.length >> 1));
  const { code, err } = await exportInto(join(task.folder, 'none'));
  task.put(path, whole);
  assert.equal(code, 2);
  assert.match(err, new RegExp(`candidates/${chosen}\\.json cannot be used`));
  assert.ok(!existsSync(join(task.folder, 'none')));
});

test("a folder with the user's files is not touched, with --force they stay beside ours", async () => {
  const into = join(task.folder, 'mine');
  task.put('mine/notes.txt', 'mine');
  task.put('mine/src/app.c', 'int main(void) {}');
  const before = filesIn(into);
  const refused = await exportInto(into);
  assert.equal(refused.code, 1);
  assert.match(refused.out, /was not touched: notes\.txt, src were not written by SpArSe/);
  assert.deepEqual(filesIn(into), before);
  const told = lastLine<{ written: boolean; foreign: string[] }>(await exportInto(into, '--json'));
  assert.deepEqual([told.written, told.foreign], [false, ['notes.txt', 'src']]);
  assert.deepEqual(filesIn(into), before);

  assert.equal((await exportInto(into, '--force')).code, 0);
  const { 'notes.txt': notes, 'src/app.c': app } = filesIn(into);
  assert.deepEqual([notes, app], ['mine', 'int main(void) {}']);
  assert.deepEqual(Object.keys(filesIn(into)).sort(), [...OWN, 'notes.txt', 'src/app.c'].sort());
});

test('writing again replaces only what was written before, and takes away what is no longer written', async () => {
  const into = join(task.folder, 'again');
  assert.equal((await exportInto(into)).code, 0);
  const spec = task.read('tiny.sparse.yaml');
  task.put('tiny.sparse.yaml', `${spec}output: { name: renamed }\n`);
  const { code, out } = await exportInto(into);
  task.put('tiny.sparse.yaml', spec);
  assert.equal(code, 0);
  assert.match(out, /tiny\.c \(removed\)/);
  assert.deepEqual(Object.keys(filesIn(into)), ['renamed.c', 'renamed.h', 'renamed.model.json', 'sparse.manifest.json']);
});

test('a generated file that the user has changed is the users', async () => {
  const into = join(task.folder, 'edited');
  assert.equal((await exportInto(into)).code, 0);
  task.put('edited/tiny.c', `${task.read('edited/tiny.c')}/* mine */\n`);
  const { code, out } = await exportInto(into);
  assert.equal(code, 1);
  assert.match(out, /was not touched: tiny\.c was not written by SpArSe, or changed since/);
  assert.match(task.read('edited/tiny.c'), /mine/);
  assert.equal((await exportInto(into, '--force')).code, 0);
  assert.doesNotMatch(task.read('edited/tiny.c'), /mine/);
});

test('a search whose folder holds files of the users keeps its run, and says how to write it elsewhere', async () => {
  const other = makeTask();
  other.put('firmware/lib/tiny/README.md', 'mine');
  const { code, out } = await call('search', other.spec, '--trials', '1');
  assert.equal(code, 1);
  assert.deepEqual(Object.keys(filesIn(join(other.folder, 'firmware'))), ['lib/tiny/README.md']);
  const [, hint] = /(sparse export \S+ --into) DIR/.exec(out) ?? assert.fail(out);
  const [, ...args] = hint.split(' ');
  assert.equal((await call(...args, join(other.folder, 'elsewhere'))).code, 0);
  assert.deepEqual(Object.keys(filesIn(join(other.folder, 'elsewhere'))), OWN);
  assert.equal((await call('search', other.spec, '--trials', '1', '--resume', '--force')).code, 0);
  assert.equal(filesIn(join(other.folder, 'firmware'))['lib/tiny/README.md'], 'mine');
});

test('a run whose spec is gone cannot be exported', async () => {
  const other = makeTask();
  assert.equal((await call('search', other.spec, '--trials', '1')).code, 0);
  const [moved] = other.runs();
  other.put('tiny.sparse.yaml', 'name: another\n');
  const { code, err } = await call('export', moved);
  assert.equal(code, 2);
  assert.match(err, /the spec of \S+ is not in \S+ any more/);
});

test('a chip that the firmware project names is searched for, exported for, and written down', async () => {
  const other = makeTask({ target: '{ reserve: { ram: 48 B } }' });
  other.put('firmware/platformio.ini', '[env:small]\nboard_build.mcu = attiny1616\n');
  const searched = await call('search', other.spec, '--trials', '1');
  assert.equal(searched.code, 0, searched.err);
  const library = join(other.folder, 'firmware/lib/tiny');
  assert.equal(readManifest(library)!.chip, 'attiny1616');
  other.put('firmware/platformio.ini', '[env:large]\nboard = megaatmega2560\n');
  assert.equal((await call('export', other.runs()[0])).code, 0);
  assert.equal(readManifest(library)!.chip, 'atmega2560');
});
