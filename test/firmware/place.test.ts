import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findChip } from '../../server/device/find.ts';
import { chipOf, projectChip } from '../../server/firmware/chip.ts';
import { isReallyInside, libraryFiles, libraryFolder } from '../../server/firmware/place.ts';
import { findProject, type ProjectKind } from '../../server/firmware/project.ts';
import { createRandom } from '../../server/random.ts';

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-place-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const LINKER = `MEMORY
{
  RAM    (xrw)    : ORIGIN = 0x20000000,   LENGTH = 20K
  FLASH    (rx)    : ORIGIN = 0x8000000,   LENGTH = 0x10000
}
`;

type Case = { kind: ProjectKind; files: { [path: string]: string }; place: string; chip: string; ramBytes?: number; flashBytes?: number };

const cases: readonly Case[] = [
  {
    kind: 'platformio',
    files: { 'platformio.ini': '[env:uno]\nplatform = atmelavr\nboard = uno\n' },
    place: 'lib/net',
    chip: 'atmega328p',
  },
  {
    kind: 'platformio',
    files: {
      'platformio.ini':
        '; board = uno\n[env:x]\nboard_build.mcu = atmega168p\nboard = custom\nboard_upload.maximum_ram_size = 1024\nboard_upload.maximum_size=14336\nboard_build.f_cpu = 8000000UL\n',
    },
    ...{ place: 'lib/net', chip: 'atmega168p', ramBytes: 1024, flashBytes: 14336, clockHz: 8_000_000 },
  },
  {
    kind: 'arduino',
    files: { 'blink.ino': '', 'sketch.yaml': 'default_fqbn: arduino:avr:leonardo\n' },
    place: 'src/net',
    chip: 'atmega32u4',
  },
  {
    kind: 'cubemx',
    files: {
      'board.ioc': 'Mcu.CPN=STM32F103C8T6\nMcu.Family=STM32F1\nRCC.SYSCLKFreq_VALUE=48000000\n',
      'STM32F103C8TX_FLASH.ld': LINKER,
      '.cproject': '',
    },
    ...{ place: 'Core/net', chip: 'stm32f103c8', ramBytes: 20480, flashBytes: 65536, clockHz: 48_000_000 },
  },
  {
    kind: 'zephyr',
    files: {
      'CMakeLists.txt': '',
      'prj.conf': '',
      'build/zephyr/.config': 'CONFIG_SOC="nrf52840"\nCONFIG_SRAM_SIZE=256\nCONFIG_FLASH_SIZE=1024\n',
    },
    ...{ place: 'src/net', chip: 'nrf52840', ramBytes: 262144, flashBytes: 1048576 },
  },
  {
    kind: 'esp-idf',
    files: { 'CMakeLists.txt': '', sdkconfig: 'CONFIG_IDF_TARGET="esp32c3"\n' },
    place: 'components/net',
    chip: 'esp32c3',
  },
  {
    kind: 'cmake',
    files: { 'CMakeLists.txt': 'add_compile_options(-mmcu=atmega644p -DF_CPU=20000000UL)\n', '.git/HEAD': '' },
    ...{ place: 'lib/net', chip: 'atmega644p', clockHz: 20_000_000 },
  },
];

for (const { kind, files, place, chip, ...sizes } of cases)
  test(`${kind}: chip and sizes are those that the project says, and the C goes where its tool looks (${chip})`, (t) => {
    const folder = scratch(t);
    for (const [path, text] of Object.entries(files)) put(join(folder, path), text);
    const project = findProject(folder, folder)!;
    assert.deepEqual(project, { kind, folder });
    const told = chipOf(project);
    assert.equal(findChip(told.chip!)?.id, chip);
    const { chip: _, ...figures } = told;
    assert.deepEqual(figures, sizes);
    const library = libraryFolder(project, 'net');
    assert.equal(library, join(folder, place));
    put(join(library, 'net.h'), '');
    for (const file of libraryFiles(project, 'net')) put(join(library, file.path), file.content);
    assert.deepEqual(findProject(library, folder), project, 'the library itself is no project');
  });

test('of several PlatformIO environments the default one counts, else the first with a board', (t) => {
  const folder = scratch(t);
  const told = (ini: string) => {
    put(join(folder, 'platformio.ini'), ini);
    return projectChip(join(folder, 'lib', 'net'), folder);
  };
  const both = '[env:mega]\nboard = megaatmega2560\n[env:tiny]\nboard = attiny85\nboard_upload.maximum_size = 6500\n';
  assert.deepEqual(told(both), { file: 'platformio.ini', chip: 'atmega2560' });
  assert.deepEqual(told(`[platformio]\ndefault_envs = tiny\n${both}`), { file: 'platformio.ini', chip: 'attiny85', flashBytes: 6500 });
  assert.deepEqual(told(`[env:native]\nplatform = native\n${both}`), { file: 'platformio.ini', chip: 'atmega2560' });
  assert.deepEqual(told('[env]\nboard_build.mcu = atmega328p\n[env:a]\nboard = mine\n')?.chip, 'atmega328p');
  assert.equal(told('[env:native]\nplatform = native\n'), undefined);
  assert.equal(projectChip(join(folder, 'lib'), join(folder, 'lib')), undefined, 'nothing above the top is looked at');
});

test('an Arduino library is a project, and says nothing of a chip', (t) => {
  const folder = scratch(t);
  put(join(folder, 'library.properties'), 'name=Net\n');
  const project = findProject(join(folder, 'src', 'net'), folder)!;
  assert.deepEqual([project.kind, chipOf(project), libraryFolder(project, 'net')], ['arduino-library', {}, join(folder, 'src', 'net')]);
});

test('a folder that a link leads out of the project is outside, there already or not', {
  skip: process.platform === 'win32' && 'needs links',
}, (t) => {
  const top = scratch(t);
  const project = { kind: 'platformio' as const, folder: join(top, 'firmware') };
  put(join(project.folder, 'platformio.ini'), '');
  put(join(top, 'elsewhere', 'file'), '');
  mkdirSync(join(project.folder, 'real'));
  symlinkSync(join(top, 'elsewhere'), join(project.folder, 'lib'));
  symlinkSync(join(project.folder, 'real'), join(project.folder, 'inner'));
  assert.equal(isReallyInside(join(project.folder, 'lib', 'net'), project), false);
  assert.equal(isReallyInside(join(project.folder, 'inner', 'net'), project), true);
  assert.equal(isReallyInside(join(project.folder, 'new', 'net'), project), true);
  assert.equal(isReallyInside(join(project.folder, '..', 'net'), project), false);
});

test('whatever stands in its files, a project tells sound figures or none', (t) => {
  const random = createRandom(4);
  const folder = scratch(t);
  const kinds = cases.map(({ kind }) => kind);
  for (let round = 0; round < 150; round++) {
    for (const { files } of cases)
      for (const [path, text] of Object.entries(files)) {
        const letters = [...text].map((letter) => (random.integer(12) ? letter : String.fromCharCode(random.integer(128))));
        put(join(folder, path), letters.join(''));
      }
    const { chip, ramBytes, flashBytes, clockHz } = chipOf({ kind: kinds[random.integer(kinds.length)], folder });
    assert.ok(chip === undefined || /^[\w.-]{1,100}$/.test(chip), chip);
    for (const figure of [ramBytes, flashBytes, clockHz])
      assert.ok(figure === undefined || (Number.isSafeInteger(figure) && figure >= 0), String(figure));
  }
});
