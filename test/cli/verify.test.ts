import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { findArmCompiler } from '../../server/verify/arm.ts';
import { findAvrCompiler } from '../../server/verify/avr.ts';
import { findHostCompiler } from '../../server/verify/host.ts';
import type { Proof } from '../../server/verify/proof.ts';
import { findQemu } from '../../server/verify/qemu.ts';
import { call, lastLine, launchWith } from './call.ts';
import { byHand, makeTask, type Task } from './task.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';
const skipArm = findArmCompiler() ? false : 'arm-none-eabi-gcc is not on the PATH';
const skipQemu = findQemu() ? false : 'qemu-system-arm is not on the PATH';
const skipAvr = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';

/** A trained network, written by a search; tests work on copies of its folder. */
let task: Task;
let written: { testAccuracy: number; ramBytes: number };
before(async () => {
  task = makeTask({
    ...byHand('[maxPool: 4, conv2d: { filters: 3, kernel: 3 }, relu, dense: 10]'),
    training: '{ epochs: 6, batch: 32, learningRate: 0.02 }',
  });
  const ended = await call('search', task.spec, '--json');
  assert.equal(ended.code, 0);
  written = lastLine(ended);
});

function copy(name: string): string {
  const into = join(task.folder, 'firmware/lib', name);
  cpSync(join(task.folder, 'firmware/lib/tiny'), into, { recursive: true });
  return into;
}

/** A copy without a chip that can be simulated, which takes less time. */
function copyForHost(name: string, ...changes: [file: string, pattern: RegExp | string, replacement: string][]): string {
  const into = copy(name);
  for (const [file, pattern, replacement] of [['sparse.manifest.json', '"atmega328p"', '"custom"'] as const, ...changes]) {
    const path = `firmware/lib/${name}/${file}`;
    const changed = task.read(path).replace(pattern, replacement);
    assert.notEqual(changed, task.read(path), `${pattern} is in ${file}`);
    writeFileSync(join(into, file), changed);
  }
  return into;
}

type Told = Proof & {
  readonly facts: { readonly stateBytes: number; readonly ramBytes: number };
  readonly changed: string[];
  readonly testMissing?: string;
};
const json = async (folder: string) => {
  const ended = await call('verify', folder, '--json');
  return { code: ended.code, ...lastLine<Told>(ended) };
};

test('written C is proven: on this machine over the whole test split, with the accuracy that the search told', { skip }, async () => {
  const { code, passed, checks, changed } = await json(copyForHost('sound'));
  assert.deepEqual([code, passed, changed], [0, true, []]);
  assert.deepEqual(checks[0].test, { samples: 100, different: 0, accuracy: written.testAccuracy });
  assert.deepEqual(checks[0].random, { samples: 1000, different: 0 });
  assert.ok(written.testAccuracy > 0.15, 'and the network has learnt something');
});

test('written C is proven: on the simulated chip within the RAM that was planned', { skip: skip || skipAvr }, async () => {
  const folder = copy('chip');
  const { code, out } = await call('verify', folder);
  assert.equal(code, 0, out);
  assert.match(out, /On simulated ATmega328P:\n {2}50 test images: all answers equal, accuracy/);
  const [, ram, planned] = /= ([\d,]+) B \(planned at most ([\d,]+) B\)\n/.exec(out) ?? assert.fail(out);
  assert.equal(Number(planned.replace(',', '')), written.ramBytes);
  assert.ok(Number(ram.replace(',', '')) <= written.ramBytes);
  const [, cycles, told] = /\n {2}([\d,]+) cycles per inference, .* \(predicted ([\d,]+)\)\n/.exec(out) ?? assert.fail(out);
  const count = (text: string) => Number(text.replaceAll(',', ''));
  assert.ok(Math.abs(count(told) / count(cycles) - 1) < 0.05, `${told} predicted, ${cycles} measured`);
  assert.match(out, /Proven: every answer is the same\.\n$/);
});

for (const { chip, where, lacks } of [
  { chip: 'stm32l011f4', where: 'simulated Cortex-M0+ of STM32L011F4', lacks: skipArm },
  { chip: 'stm32f103c8', where: 'simulated Cortex-M3 of STM32F103C8', lacks: skipArm || skipQemu },
])
  test(`written C is proven on the core of the spec's chip: ${chip}`, { skip: skip || lacks }, async () => {
    const spec = task.read('tiny.sparse.yaml');
    task.put('tiny.sparse.yaml', spec.replace('atmega328p', chip));
    const into = join(task.folder, 'firmware/lib', chip);
    assert.equal((await call('export', task.runs()[0], '--into', into)).code, 0);
    task.put('tiny.sparse.yaml', spec);
    const { code, passed, checks, facts } = await json(into);
    assert.deepEqual([code, passed, checks[1].where], [0, true, where]);
    const { chip: costs, test: tested, random } = checks[1];
    assert.deepEqual([tested!.different, random!.different], [0, 0]);
    assert.equal(costs!.staticBytes, facts.stateBytes);
    assert.ok(costs!.ramBytes <= facts.ramBytes);
    assert.ok((costs!.cycles ?? costs!.instructions)! > 1000);
  });

test('export finds the library folder of a project, and no link leads it out', {
  skip: process.platform === 'win32' && 'needs links',
}, async () => {
  const [run] = task.runs();
  task.put('board/platformio.ini', '[env:uno]\nboard = uno\n');
  assert.equal((await call('export', run, '--into', join(task.folder, 'board'))).code, 0);
  assert.match(task.read('board/lib/tiny/tiny.h'), /tiny_state/);
  task.put('linked/platformio.ini', '[env:uno]\nboard = uno\n');
  task.put('elsewhere/file', '');
  symlinkSync(join(task.folder, 'elsewhere'), join(task.folder, 'linked/lib'));
  const { code, err } = await call('export', run, '--into', join(task.folder, 'linked'));
  assert.equal(code, 2);
  assert.match(err, /leads out of the project/);
  assert.deepEqual(readdirSync(join(task.folder, 'elsewhere')), ['file']);
});

test('changed C is not proven, and the changed file is named', { skip }, async () => {
  const tampered = copyForHost('tampered', ['tiny.c', /(_bias\[.*\n\s*)(-?\d+)/g, '$11']);
  const { code, out } = await call('verify', tampered);
  assert.equal(code, 1);
  assert.match(out, /^tiny\.c was changed since it was written/);
  assert.match(out, /ANSWERS DIFFER/);
  assert.match(out, /NOT proven\.\n$/);
});

test('C that does not compile is not proven, without a stack', { skip }, async () => {
  const { code, out, err } = await call('verify', copyForHost('broken', ['tiny.c', /void tiny_init/g, 'void void tiny_init']));
  assert.deepEqual([code, err], [1, '']);
  assert.match(out, /On this machine: FAILED, [\s\S]*tiny\.c:\d+/);
  assert.doesNotMatch(out, /\n +at /);
});

test('a model that was changed is not what the C computes', { skip }, async () => {
  const weight = /"weight":"(.)/;
  const [, first] = weight.exec(task.read('firmware/lib/tiny/tiny.model.json'))!;
  const changed = copyForHost('model', ['tiny.model.json', weight, `"weight":"${first === 'Q' ? 'z' : 'Q'}`]);
  const { code, passed } = await json(changed);
  assert.deepEqual([code, passed], [1, false]);
});

test('without the spec random inputs are left, and the reason why', { skip }, async () => {
  const missing: [string, string, RegExp][] = [
    ['gone', 'gone.sparse.yaml', /the spec is not where it was/],
    ['wrong', 'wrong.sparse.yaml', /has errors/],
    ['nodata', 'nodata.sparse.yaml', /is not there/],
  ];
  task.put('wrong.sparse.yaml', 'name: tiny\n');
  task.put('nodata.sparse.yaml', task.read('tiny.sparse.yaml').replace('data/t10k-images', 'data/none'));
  for (const [name, spec, reason] of missing) {
    const { code, checks, testMissing } = await json(copyForHost(name, ['sparse.manifest.json', 'tiny.sparse.yaml', spec]));
    assert.equal(code, 0);
    assert.match(testMissing!, reason);
    assert.deepEqual([checks[0].test, checks[0].random?.different], [undefined, 0]);
  }
});

test('a folder that was not written whole is told by the file that lacks', async () => {
  const refused = async (folder: string, reason: RegExp) => {
    const { code, out, err } = await call('verify', folder);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, reason);
    assert.doesNotMatch(err, /\n +at /);
  };
  await refused(task.folder, /there is no sparse\.manifest\.json that can be read/);
  const model = 'firmware/lib/tiny/tiny.model.json';
  await refused(copyForHost('half', ['tiny.model.json', task.read(model), '{']), /tiny\.model\.json cannot be used/);
  await refused(copyForHost('empty', ['tiny.model.json', task.read(model), '{}']), /tiny\.model\.json cannot be used: not a model/);
  await refused(copyForHost('other', ['sparse.manifest.json', '"name": "tiny"', '"name": "other"']), /other\.h is missing/);
  await refused(copyForHost('path', ['sparse.manifest.json', '"name": "tiny"', '"name": "../tiny"']), /lacks what is needed/);
});

test('where there is no compiler the machine code in the C is proven; where that was changed nothing was: a failure', async () => {
  const path = process.env.PATH;
  process.env.PATH = '';
  try {
    const proven = await call('verify', copy('alone'));
    assert.equal(proven.code, 0);
    assert.match(
      proven.out,
      /this machine: skipped, no C compiler[\s\S]*the machine code of the C alone:\n[\s\S]*random inputs: all answers equal/,
    );
    const folder = copy('nothing');
    const file = join(folder, 'tiny.c');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"push r14', '"push r15'));
    const { code, out, err } = await call('verify', folder);
    assert.equal(code, 2);
    assert.match(out, /this machine: skipped, no C compiler[\s\S]*simulated ATmega328P: skipped, avr-gcc/);
    assert.match(err, /Nothing was proven/);
  } finally {
    process.env.PATH = path;
  }
});

test('Ctrl-C ends a proof at once', { skip: skip || skipAvr || (process.platform === 'win32' && 'needs signals') }, async (t) => {
  const TMPDIR = join(task.folder, 'tmp');
  mkdirSync(TMPDIR);
  const child = launchWith(t, { TMPDIR }, 'verify', copy('stopped'));
  while (!readdirSync(TMPDIR).some((name) => name.startsWith('sparse-'))) {
    assert.equal(child.process.exitCode, null, 'the proof ended too early');
    await pause(5);
  }
  child.process.kill('SIGINT');
  assert.equal((await child.ended).signal, 'SIGINT');
});

test('the proof is written as a page where one is asked for', { skip }, async () => {
  const file = join(task.folder, 'proof.html');
  const { code } = await call('verify', copyForHost('page'), '--page', file);
  assert.equal(code, 0);
  const html = readFileSync(file, 'utf8');
  assert.match(html, /^<!doctype html>[\s\S]*Proven: every answer is the same/);
  assert.match(html, /1,000<td>all equal/);
});
