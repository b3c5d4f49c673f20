import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generateGestures } from '../../server/dataset/gestures/generate.ts';
import { findAvrCompiler } from '../../server/verify/avr.ts';
import { readElf } from '../../server/verify/elf.ts';
import { call, lastLine } from '../cli/call.ts';

const folder = mkdtempSync(join(tmpdir(), 'sparse-gestures-'));
after(() => rmSync(folder, { recursive: true }));
const skip = findAvrCompiler() ? false : 'avr-gcc is not on the PATH';

test('the gestures example: searched, proven on a simulated ATtiny85, and built into its firmware', { skip }, async () => {
  const example = join(import.meta.dirname, '../../media/examples/gestures');
  const generated = /[\\/](data|\.sparse|lib)$/;
  cpSync(example, folder, { recursive: true, filter: (path) => !generated.test(path) });
  await generateGestures(join(folder, 'data'), { train: 1000, test: 300, seed: 1 });
  const path = join(folder, 'gestures.sparse.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('trials: 60', 'trials: 8').replace('epochs: 10', 'epochs: 4'));
  const found = await call('search', path, '--json', '--workers', '1');
  assert.equal(found.code, 0, found.err);
  const proven = await call('verify', join(folder, 'firmware/lib/gestures'), '--json');
  const { checks, passed } = lastLine<{ checks: { where: string }[]; passed: boolean }>(proven);
  assert.ok(passed, proven.out);
  assert.equal(checks[1].where, 'simulated ATtiny85');
  const flags = ['-mmcu=attiny85', '-DF_CPU=8000000UL', '-Os', '-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror'];
  const sources = ['-Ilib/gestures', 'src/main.c', 'lib/gestures/gestures.c'];
  execFileSync(findAvrCompiler()!, [...flags, ...sources, '-o', 'firmware.elf'], { cwd: join(folder, 'firmware') });
  const { sections } = readElf(readFileSync(join(folder, 'firmware/firmware.elf')));
  const ram = sections.filter(({ address }) => address >= 0x800000).reduce((sum, { bytes }) => sum + bytes, 0);
  assert.equal(ram, lastLine<{ stateBytes: number }>(found).stateBytes, 'the firmware keeps nothing but the state in RAM');
});
