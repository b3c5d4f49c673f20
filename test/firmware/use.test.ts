import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { readMap } from '../../server/firmware/map.ts';
import { findBuild, findProject, isInside, type ProjectKind } from '../../server/firmware/project.ts';
import { readSymbols } from '../../server/firmware/symbols.ts';
import { createFirmwareLook, firmwareUse, ownUse, useOfElf, useOfMap } from '../../server/firmware/use.ts';
import { readElf } from '../../server/verify/elf.ts';

const C = {
  'net.h': '#define NET_STATE_BYTES 77 \ntypedef struct { unsigned char all[77]; } net_state;\nint net_push(net_state *state, int x);\n',
  'net.c':
    '#include "net.h"\n#ifdef __AVR__\n#define FLASH __attribute__((__progmem__))\n#else\n#define FLASH\n#endif\nstatic const char weight[300] FLASH = {1};\nstatic volatile char scratch[11];\nint net_push(net_state *state, int x) { scratch[x] = state->all[x]; return weight[x]; }\n',
  'main.c':
    '#include "net.h"\nstatic net_state mine;\nvolatile int table[50] = {1, 2};\nvolatile char buffer[123];\nint main(void) { return net_push(&mine, table[3]) + buffer[1]; }\n',
};

const compilers: readonly { gcc: string; size: string; flags: readonly string[]; architecture: 'avr' | 'cortex-m0plus' }[] = [
  { gcc: 'avr-gcc', size: 'avr-size', flags: ['-mmcu=atmega328p'], architecture: 'avr' },
  {
    gcc: 'arm-none-eabi-gcc',
    size: 'arm-none-eabi-size',
    flags: ['-mcpu=cortex-m0plus', '-mthumb', '-nostdlib', '-Wl,-Ttext=0x08000000', '-Wl,-Tdata=0x20000000', '-Wl,-e,main'],
    architecture: 'cortex-m0plus',
  },
];

for (const { gcc, size, flags, architecture } of compilers)
  test(`${gcc}: RAM and flash are those that binutils tells, and the network is left out`, (t) => {
    const folder = scratch(t);
    for (const [name, text] of Object.entries(C)) writeFileSync(join(folder, name), text);
    const elf = join(folder, 'firmware.elf');
    const map = join(folder, 'firmware.map');
    try {
      execFileSync(gcc, [...flags, '-Os', join(folder, 'main.c'), join(folder, 'net.c'), `-Wl,-Map=${map}`, '-o', elf], { stdio: 'pipe' });
    } catch (error) {
      return t.skip(`${gcc} does not compile here: ${String((error as Error).message).slice(0, 200)}`);
    }
    const [text, data, bss] = execFileSync(size, [elf], { encoding: 'utf8' }).split('\n')[1].trim().split(/\s+/).map(Number);
    const content = readFileSync(elf);
    const use = useOfElf(readElf(content), architecture);
    assert.equal(use.ramBytes, data + bss);
    assert.ok(use.flashBytes >= text && use.flashBytes <= text + data + 4 * (data > 0 ? 64 : 0), `${use.flashBytes} of ${text} + ${data}`);
    const own = ownUse(readSymbols(content), 'net', 77, architecture);
    assert.equal(own.ramBytes, 77 + 11);
    assert.ok(own.flashBytes > 300 && own.flashBytes < 400, `${own.flashBytes} bytes of flash`);
    if (architecture === 'avr') {
      assert.equal(use.flashBytes, text + data);
      assert.deepEqual(useOfMap(readFileSync(map, 'latin1'), architecture), use);
    } else assert.equal(useOfMap(readFileSync(map, 'latin1'), architecture).ramBytes, use.ramBytes);
  });

const marks: readonly (readonly [kind: ProjectKind, mark: string, build: string])[] = [
  ['platformio', 'platformio.ini', '.pio/build/uno/firmware.elf'],
  ['arduino', 'blink.ino', 'build/arduino.avr.uno/blink.ino.elf'],
  ['arduino-library', 'library.properties', 'examples/blink/build/blink.elf'],
  ['cubemx', 'board.ioc', 'Debug/board.elf'],
  ['cmake', 'CMakeLists.txt', 'build/app.elf'],
  ['zephyr', 'prj.conf', 'build/zephyr/zephyr.elf'],
  ['esp-idf', 'sdkconfig', 'build/app.elf'],
];

test('a project is known by its marks, and its newest build is found', (t) => {
  for (const [kind, mark, build] of marks) {
    const top = scratch(t);
    const project = join(top, 'firmware');
    const output = join(project, 'lib', 'net');
    put(join(project, mark), '');
    if (kind === 'zephyr' || kind === 'esp-idf') put(join(project, 'CMakeLists.txt'), '');
    put(join(output, 'net.h'), '');
    put(join(project, build), 'new');
    put(join(project, build.replace('.elf', '2.elf')), 'old');
    utimesSync(join(project, build.replace('.elf', '2.elf')), 1, 1);
    put(join(project, build.replace('.elf', '.map')), 'map');
    assert.deepEqual(findProject(output, top), { kind, folder: project });
    assert.equal(findBuild({ kind, folder: project })?.path, join(project, build));
    assert.equal(findProject(output, output), undefined, 'nothing above the top is looked at');
    assert.equal(findProject(top, project), undefined, 'a folder outside the top has no project');
    assert.equal(findProject(join(top, 'not', 'there'), top), undefined);
  }
});

test('a folder is inside another, or not', () => {
  for (const [path, folder, inside] of [
    ['/a/b', '/a', true],
    ['/a', '/a', true],
    ['/a/..b', '/a', true],
    ['/b', '/a', false],
    ['/ab', '/a', false],
  ] as const)
    assert.equal(isInside(path, folder), inside, `${path} in ${folder}`);
});

test('what cannot be read takes nothing', async (t) => {
  const top = scratch(t);
  const written = { folder: join(top, 'lib', 'net'), name: 'net' };
  const look = () => firmwareUse(written, top, { architecture: 'avr' });
  assert.equal(await look(), undefined);
  put(join(top, 'platformio.ini'), '');
  assert.equal(await look(), undefined);
  put(join(top, '.pio/build/uno/firmware.elf'), 'no ELF file');
  assert.equal(await look(), undefined);
  rmSync(join(top, '.pio/build/uno/firmware.elf'));
  put(join(top, '.pio/build/uno/firmware.map'), MAP);
  assert.deepEqual(await look(), { ramBytes: 13, flashBytes: 0x104, file: '.pio/build/uno/firmware.map', project: top });
});

test('a build is read once, and again when it has changed', async (t) => {
  const top = scratch(t);
  const written = { folder: join(top, 'lib', 'net'), name: 'net' };
  const map = join(top, '.pio/build/uno/firmware.map');
  put(join(top, 'platformio.ini'), '');
  put(map, MAP);
  let reads = 0;
  const look = createFirmwareLook(async () => ({ ramBytes: ++reads, flashBytes: 1 }));
  const ram = async () => (await look(written, top, { architecture: 'avr' }))?.ramBytes;
  assert.deepEqual([await ram(), await ram()], [1, 1]);
  put(map, `${MAP}\n`);
  assert.equal(await ram(), 2);
  put(join(written.folder, 'net.h'), '#define NET_STATE_BYTES 3\n');
  assert.deepEqual([await ram(), await ram()], [3, 3]);
});

const MAP = `Memory Configuration

Linker script and memory map

.text           0x0000000000000000      0x100
 .text          0x0000000000000000       0x40 main.o

.data           0x0000000000800100        0x4 load address 0x0000000000000100

.bss            0x0000000000800104        0x8
.a_very_long_section_name
                0x0000000000800200        0x1
.debug_info     0x0000000000000000     0x5f4
.comment        0x0000000000000000       0x11
`;

test('a map is read by its output sections', () => {
  assert.deepEqual(
    readMap(MAP.replaceAll('\n', '\r\n')).map(({ name, bytes }) => [name, bytes]),
    [
      ['.text', 256],
      ['.data', 4],
      ['.bss', 8],
      ['.a_very_long_section_name', 1],
    ],
  );
});

test('damaged files are read or refused, in bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(60), fc.nat(255), (tail, at, value) => {
      const file = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 1, 1, ...tail]);
      if (at < file.length && at > 5) file[at] = value;
      for (const { bytes, name } of readSymbols(file)) assert.ok(bytes >= 0 && name.length <= 256);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      for (const { bytes } of readMap(`.text 0x0 0x1\n${text}`)) assert.ok(bytes > 0);
    }),
  );
});

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-firmware-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
