import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findChip } from '../../server/device/find.ts';
import { argmax, createInterpreter } from '../../server/quantize/interpreter.ts';
import { findAvrCompiler } from '../../server/verify/avr.ts';
import { findHostCompiler, hasSanitizers } from '../../server/verify/host.ts';
import { type Check, type Proof, prove } from '../../server/verify/proof.ts';
import { writtenNetwork } from './subject.ts';

const skip = findHostCompiler() ? false : 'no C compiler on the PATH';
const skipAvr = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';
const { network, plan, files } = writtenNetwork();
const [header] = files;

const proven = (changed = files, avr = false): Promise<Proof> =>
  prove({ name: 'net', files: changed, network, ramBytes: plan.ramBytes, chipSamples: 10, ...(avr && { chip: findChip('atmega328p') }) });

/** The files with the source or the header changed; a change that changes nothing is a mistake of the test. */
function mutated(path: 'net.c' | 'net.h', pattern: RegExp | string, replacement: string) {
  const changed = files.map((file) => (file.path === path ? { path, content: file.content.replace(pattern, replacement) } : file));
  assert.notDeepEqual(changed, files, `${pattern} is in ${path}`);
  return changed;
}

const PLAIN = '#define SPARSE_PLAIN_C\n';

test('the C as it was written is proven on this machine', { skip }, async (t) => {
  const { checks, passed } = await proven();
  assert.deepEqual(checks, [
    { where: 'this machine', random: { samples: 1000, different: 0 }, ...((await hasSanitizers()) && { sanitized: 100 }) },
  ]);
  assert.ok(passed);
  if (!(await hasSanitizers())) t.diagnostic('the compiler has no sanitizers here: their part was skipped');
});

test('the C as it was written is proven on the simulated chip, within the planned RAM', { skip: skip || skipAvr }, async () => {
  const { checks, passed } = await proven(files, true);
  const { where, random, chip } = checks[1];
  assert.deepEqual([where, random], ['simulated ATmega328P', { samples: 10, different: 0 }]);
  assert.equal(chip!.staticBytes, plan.stateBytes);
  assert.equal(chip!.ramBytes, chip!.staticBytes + chip!.stackBytes);
  assert.ok(chip!.ramBytes <= plan.ramBytes);
  assert.ok(passed);
});

test('with test samples their accuracy is that of their labels', { skip }, async () => {
  const { shape } = network.input;
  const x = new Uint8Array(3 * shape.height * shape.width).fill(200);
  const right = argmax(createInterpreter(network).run(x.subarray(0, x.length / 3)));
  const samples = { shape, count: 3, x, labels: Uint8Array.of(right, (right + 1) % 4, right) };
  const { checks } = await prove({ name: 'net', files, network, test: samples, ramBytes: plan.ramBytes });
  assert.deepEqual(checks[0].test, { samples: 3, different: 0, accuracy: 2 / 3 });
  assert.deepEqual(checks[0].random, { samples: 1000, different: 0 });
});

const differs = ({ random }: Check) => (random?.different ?? 0) > 0;

const mutations: { what: string; change: () => typeof files; found: (check: Check) => boolean }[] = [
  { what: 'one weight of the first layer', change: () => mutated('net.c', /(conv_weight\[.*\n\s*)-?\d+/, '$11'), found: differs },
  { what: 'one bias', change: () => mutated('net.c', /(logits_bias\[.*\n\s*)(-?\d+)/g, '$1$20'), found: differs },
  { what: 'one multiplier by one', change: () => mutated('net.c', /(conv_multiplier\[.*\n\s*)\d+/, '$120000'), found: differs },
  { what: 'the constant that rounds', change: () => mutated('net.c', /\+ 64, 7\)/, '+ 63, 7)'), found: differs },
  { what: 'the zero point', change: () => mutated('net.c', /\(Z8, 100,/, '(Z8, 101,'), found: differs },
  {
    what: 'the upper clamp',
    change: () => mutated('net.c', /if \(value > 127\) value = 127/, 'if (value > 126) value = 126'),
    found: differs,
  },
  { what: 'one row fewer in the ring of the input', change: () => mutated('net.c', /% 3u \* 12/g, '% 2u * 12'), found: differs },
  { what: 'one row fewer in the ring between two layers', change: () => mutated('net.c', /% 3u \* 18/g, '% 2u * 18'), found: differs },
  {
    what: 'a padded border that is not there',
    change: () => mutated('net.c', /y \* 1 < 1 \? 1 - y \* 1 : 0/, '0'),
    found: ({ random, failed }) => !random || random.different > 0 || failed !== undefined,
  },
  {
    what: 'the class of the smallest logit',
    change: () => mutated('net.c', 'logits[i] > logits[best]', 'logits[i] < logits[best]'),
    found: differs,
  },
  {
    what: 'code that is no C',
    change: () => mutated('net.c', /void net_init/g, 'void void net_init'),
    found: ({ failed }) => failed!.includes('net.c'),
  },
  {
    what: 'a warning',
    change: () => mutated('net.c', 'uint8_t best = 0;', 'uint8_t best = 0, unused;'),
    found: ({ failed }) => failed!.includes('unused'),
  },
  {
    what: 'a crash',
    change: () => mutated('net.c', 'state->rows_input = 0;', '__builtin_trap();'),
    found: ({ failed }) => failed!.includes('ended with SIG'),
  },
];

for (const { what, change, found } of mutations)
  test(`not proven: ${what}`, { skip }, async () => {
    const { checks, passed } = await proven(change());
    assert.equal(passed, false);
    assert.ok(found(checks[0]), JSON.stringify(checks));
  });

/** Bytes of a row of the input; behind it lie pixels that the C alone does not keep. */
const ROW = 12;

test('not proven: an arena that is a row too small, though every answer may be right', { skip }, async (t) => {
  if (!(await hasSanitizers())) return t.skip('the compiler has no sanitizers here');
  const arena = /uint8_t arena\[(\d+)\]/;
  const bytes = Number(arena.exec(header.content)![1]);
  const { checks, passed } = await proven(mutated('net.h', arena, `uint8_t arena[${bytes - ROW}]`));
  assert.equal(passed, false);
  assert.match(checks[0].failed!, /AddressSanitizer|out of bounds/);
});

test('not proven: more stack than planned, though every answer is right', { skip: skip || skipAvr }, async () => {
  // The plan counts on the machine code, which takes less.
  const { checks, passed } = await proven(mutated('net.c', /^/, PLAIN), true);
  assert.deepEqual(
    checks.map(({ random }) => random?.different),
    [0, 0],
  );
  assert.ok(checks[1].chip!.ramBytes > plan.ramBytes);
  assert.equal(passed, false);
});

test('not proven: a program that does not fit the chip', { skip: skip || skipAvr }, async () => {
  const used = mutated('net.c', 'uint8_t best = 0;', 'uint8_t best = (uint8_t)(READ_8(net_ballast + logits[0] % 2) * 0);');
  const ballast = 'static const int8_t net_ballast[40000] FLASH = { 1 };\n';
  const large = used[1].content.replace('/* floor(', `${ballast}/* floor(`);
  const { checks, passed } = await proven([header, { path: 'net.c', content: `${PLAIN}${large}` }], true);
  assert.equal(checks[0].failed, undefined);
  assert.ok(checks[1].failed);
  assert.equal(passed, false);
});

test('where there is no compiler the machine code in the C is proven, as it stands there; else nothing is', async () => {
  const path = process.env.PATH;
  process.env.PATH = '';
  try {
    const host = { where: 'this machine', skipped: 'no C compiler on the PATH (cc, gcc or clang)' };
    const { checks, passed } = await proven(files, true);
    const where = 'simulated ATmega328P, the machine code of the C alone';
    assert.deepEqual(checks, [host, { where, random: { samples: checks[1].random!.samples, different: 0 } }]);
    assert.ok(passed);
    const changed = await proven(mutated('net.c', /"push r14/, '"push r15'), true);
    assert.deepEqual(changed.checks, [
      host,
      { where: 'simulated ATmega328P', skipped: 'avr-gcc is not on the PATH (Debian: apt-get install gcc-avr avr-libc)' },
    ]);
    assert.equal(changed.passed, false);
  } finally {
    process.env.PATH = path;
  }
});

test('a compiler without sanitizers proves what it can', {
  skip: skip || (process.platform === 'win32' && 'needs a shell script'),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-cc-'));
  const path = process.env.PATH;
  writeFileSync(join(folder, 'cc'), `#!/bin/sh\ncase "$*" in *fsanitize*) exit 1 ;; esac\nexec ${findHostCompiler()} "$@"\n`, {
    mode: 0o755,
  });
  process.env.PATH = `${folder}${delimiter}${path}`;
  try {
    const { checks, passed } = await proven();
    assert.deepEqual(checks, [{ where: 'this machine', random: { samples: 1000, different: 0 } }]);
    assert.ok(passed);
  } finally {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  }
});
