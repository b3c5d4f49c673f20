import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import { findAvrCompiler } from '../../server/verify/avr.ts';
import { readElf } from '../../server/verify/elf.ts';
import { findProgram, runProgram } from '../../server/verify/tool.ts';

const [size, objcopy] = [findProgram('avr-size'), findProgram('avr-objcopy')];
const skip = findAvrCompiler() && size && objcopy ? false : 'avr-gcc and its binutils are not on the PATH';

const PROGRAM = `#include <stdint.h>
#include <avr/pgmspace.h>
const uint8_t table[300] PROGMEM = { 1, 2, 3 };
uint8_t initialised[11] = { 7, 8, 9 };
uint16_t zeroed[21];
volatile uint8_t sink;
int main(void)
{
    for (uint8_t i = 0; i < 11; ++i)
        sink = (uint8_t)(initialised[i] + zeroed[i] + pgm_read_byte(table + i));
    for (;;) {}
}
`;

let file: Uint8Array;
const folder = mkdtempSync(join(tmpdir(), 'sparse-elf-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  if (skip) return;
  writeFileSync(join(folder, 'main.c'), PROGRAM);
  await runProgram(findAvrCompiler()!, ['-mmcu=atmega328p', '-Os', '-g', '-o', 'main.elf', 'main.c'], { cwd: folder });
  file = readFileSync(join(folder, 'main.elf'));
});

test('sections are those that avr-size tells', { skip }, async () => {
  const told = (await runProgram(size!, ['-A', 'main.elf'], { cwd: folder })).toString();
  const rows = [...told.matchAll(/^(\.\S+)\s+(\d+)\s+(\d+)$/gm)].map(([, name, bytes, address]) => [name, Number(bytes), Number(address)]);
  const { sections } = readElf(file);
  const loaded = rows.filter(([name]) => ['.text', '.data', '.bss'].includes(name as string));
  assert.equal(loaded.length, 3);
  assert.deepEqual(sections.map(({ name, bytes, address }) => [name, bytes, address]).sort(), loaded.sort());
  assert.ok(sections.find(({ name }) => name === '.bss')!.bytes >= 43, 'zeroed and sink');
});

test('segments are the flash image that avr-objcopy writes', { skip }, async () => {
  await runProgram(objcopy!, ['-O', 'binary', 'main.elf', 'main.bin'], { cwd: folder });
  const image = readFileSync(join(folder, 'main.bin'));
  const own = Buffer.alloc(image.length);
  for (const { address, content } of readElf(file).segments) own.set(content, address);
  assert.ok(own.equals(image));
});

test('of a cut off file every prefix is read or refused with a RangeError', { skip }, () => {
  let refused = 0;
  for (let length = 0; length < file.length; length += length < 2000 ? 1 : 97) refused += Number(!isRead(file.subarray(0, length)));
  assert.ok(refused > 0);
});

test('of damaged files each is read or refused with a RangeError, and what is read lies in the file', { skip }, () => {
  const random = createRandom(1);
  const tables = [0, new DataView(file.buffer, file.byteOffset).getUint32(32, true)];
  let refused = 0;
  for (let round = 0; round < 6000; round++) {
    const damaged = Uint8Array.from(file);
    for (let i = 1 + random.integer(4); i > 0; i--) {
      // Most bytes are contents that nothing depends on: half of the damage goes to the header and the table of sections.
      const at = random.integer(2) ? random.integer(damaged.length) : (tables[random.integer(2)] + random.integer(400)) % damaged.length;
      damaged[at] = random.integer(3) ? random.integer(256) : 255;
    }
    refused += Number(!isRead(damaged));
  }
  assert.ok(refused > 300 && refused < 6000, `${refused} refused`);
});

test('a file that is none is refused', () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(52), new Uint8Array(1 << 16).fill(255), new TextEncoder().encode('\x7fELF')])
    assert.throws(() => readElf(bytes), RangeError);
});

/** Whether the file was read; all that came back then is bounded by the file. */
function isRead(bytes: Uint8Array): boolean {
  try {
    const { sections, segments } = readElf(bytes);
    assert.ok(sections.length <= 4096 && segments.length <= 4096);
    assert.ok(sections.every(({ name }) => name.length <= 256));
    assert.ok(
      segments.every(({ content }) => content.buffer === bytes.buffer),
      'no contents are copied',
    );
    return true;
  } catch (error) {
    assert.ok(error instanceof RangeError && error.constructor === RangeError, String(error));
    assert.match(error.message, /^not a sound 32-bit/);
    return false;
  }
}
