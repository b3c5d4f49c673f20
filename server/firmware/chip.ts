import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProject, type Project, type ProjectKind } from './project.ts';

/** What a project says of its chip; what it does not say is absent. */
export type ProjectChip = {
  /** As the project writes it: a chip, or a board that is known by its chip. */
  readonly chip?: string;
  readonly ramBytes?: number;
  readonly flashBytes?: number;
  readonly clockHz?: number;
};

/** What the project that a folder belongs to says of its chip, and in which file; undefined where there is none or it says nothing. */
export function projectChip(folder: string, top: string): (ProjectChip & { readonly file: string }) | undefined {
  const project = findProject(folder, top);
  const told = project && chipOf(project);
  return project && told && Object.keys(told).length > 0 ? { ...told, file: fileOf(project) } : undefined;
}

/** The file that names the chip, or where there is none the sizes. */
function fileOf({ kind, folder }: Project): string {
  const file = FILES[kind];
  return file ?? namesIn(folder).find((name) => name.endsWith('.ioc')) ?? namesIn(folder).find((name) => /\.ld$/i.test(name)) ?? folder;
}

const FILES: { readonly [kind in ProjectKind]?: string } = {
  ...{ platformio: 'platformio.ini', arduino: 'sketch.yaml', 'arduino-library': 'library.properties' },
  ...{ 'esp-idf': 'sdkconfig', zephyr: 'build/zephyr/.config', cmake: 'CMakeLists.txt' },
};

/** Reads it from the files in which each kind of project keeps it. */
export function chipOf({ kind, folder }: Project): ProjectChip {
  const read = (path: string) => textOf(join(folder, path));
  return { ...sizesOf(folder, kind), ...READERS[kind](read, folder) };
}

type Reader = (read: (path: string) => string, folder: string) => ProjectChip;

const READERS: { readonly [kind in ProjectKind]: Reader } = {
  platformio(read) {
    const text = environment(read('platformio.ini'));
    const mcu = setting(text, 'board_build.mcu');
    return known({
      chip: mcu ?? board(setting(text, 'board')),
      ramBytes: number(setting(text, 'board_upload.maximum_ram_size')),
      flashBytes: number(setting(text, 'board_upload.maximum_size')),
      clockHz: number(setting(text, 'board_build.f_cpu')?.replace(/U?L*$/i, '')),
    });
  },
  arduino: (read) => known({ chip: board(/^\s*default_fqbn:\s*[\w-]{1,40}:[\w-]{1,40}:([\w-]{1,60})/m.exec(read('sketch.yaml'))?.[1]) }),
  'arduino-library': () => ({}),
  'esp-idf': (read) => known({ chip: /^CONFIG_IDF_TARGET="([\w-]{1,60})"/m.exec(read('sdkconfig') || read('sdkconfig.defaults'))?.[1] }),
  zephyr(read) {
    const config = read('build/zephyr/.config');
    return known({
      chip: /^CONFIG_SOC="([\w-]{1,60})"/m.exec(config)?.[1],
      ramBytes: kilobytes(/^CONFIG_SRAM_SIZE=(\d{1,7})$/m.exec(config)?.[1]),
      flashBytes: kilobytes(/^CONFIG_FLASH_SIZE=(\d{1,7})$/m.exec(config)?.[1]),
    });
  },
  cubemx(_, folder) {
    const file = namesIn(folder).find((name) => name.endsWith('.ioc'));
    const text = file ? textOf(join(folder, file)) : '';
    return known({
      chip: /^Mcu\.CPN=(\w{1,60})/m.exec(text)?.[1] ?? /^Mcu\.UserName=(\w{1,60}?)x?\s*$/m.exec(text)?.[1],
      clockHz: number(/^RCC\.SYSCLKFreq_VALUE=(\d+)\s*$/m.exec(text)?.[1]),
    });
  },
  cmake(read) {
    const text = read('CMakeLists.txt');
    return known({ chip: /-mmcu=(\w{1,60})/.exec(text)?.[1], clockHz: number(/F_CPU=(\d+)U?L*\b/.exec(text)?.[1]) });
  },
};

/** RAM and flash as the linker script in the project's folder names them. */
function sizesOf(folder: string, kind: ProjectKind): ProjectChip {
  if (kind !== 'cubemx' && kind !== 'cmake') return {};
  const scripts = namesIn(folder).filter((name) => /\.ld$/i.test(name) && !/_ram\.ld$/i.test(name));
  if (scripts.length !== 1) return {};
  const text = textOf(join(folder, scripts[0]));
  const length = (region: string) => {
    const [, count, unit = ''] =
      new RegExp(`^\\s*${region}\\b[^:\\n]*:[^\\n]*LENGTH\\s*=\\s*(0x[0-9a-f]{1,8}|\\d{1,9})\\s*([KM]?)`, 'im').exec(text) ?? [];
    return count === undefined ? undefined : Number(count) * { '': 1, K: 1024, M: 1024 * 1024 }[unit.toUpperCase() as '' | 'K' | 'M'];
  };
  return known({ ramBytes: length('RAM'), flashBytes: length('FLASH') });
}

/** A board of which everyone knows the chip; a name that is none is taken as the chip's own. */
const board = (name: string | undefined): string | undefined => (name === undefined ? undefined : (BOARDS[name.toLowerCase()] ?? name));

const BOARDS: { readonly [board: string]: string } = {
  ...{ uno: 'atmega328p', nano: 'atmega328p', nanoatmega328: 'atmega328p', pro16mhzatmega328: 'atmega328p', mini: 'atmega328p' },
  ...{ megaatmega2560: 'atmega2560', mega: 'atmega2560', leonardo: 'atmega32u4', micro: 'atmega32u4' },
  ...{ nano_every: 'atmega4809', nona4809: 'atmega4809', attiny85: 'attiny85', digispark: 'attiny85' },
  ...{ pico: 'rp2040', rpipico: 'rp2040', zero: 'samd21g18', zerousb: 'samd21g18', mkrzero: 'samd21g18' },
  ...{ bluepill_f103c8: 'stm32f103c8', genericstm32f103c8: 'stm32f103c8', blackpill_f411ce: 'stm32f411ce', nucleo_f303k8: 'stm32f303k8' },
  ...{ nucleo_l031k6: 'stm32l031k6', nucleo_f746zg: 'stm32f746zg', nano33ble: 'nrf52840', microbit: 'nrf51822' },
  ...{ esp32c3: 'esp32c3', 'esp32-c3-devkitm-1': 'esp32c3' },
};

/** Of a PlatformIO file the environment that is built by default, or the first with a board, before what all of them have. */
function environment(text: string): string {
  const sections = text.split(/^(?=[ \t]*\[)/m);
  const isCalled = (section: string, name: string) => section.trimStart().startsWith(`[${name}]`);
  const wanted = setting(text, 'default_envs');
  const own =
    sections.find((section) => wanted !== undefined && isCalled(section, `env:${wanted}`)) ??
    sections.find((section) => /^\s*\[env:/.test(section) && setting(section, 'board') !== undefined);
  const all = sections.filter((section) => isCalled(section, 'env'));
  return [...(own === undefined ? [] : [own]), ...all].join('\n') || text;
}

/** A key of an ini file, the first that there is. */
const setting = (text: string, key: string): string | undefined =>
  new RegExp(`^[ \\t]*${key.replaceAll('.', '\\.')}[ \\t]*=[ \\t]*([\\w.-]{1,60})`, 'm').exec(text)?.[1];

const number = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined);
const kilobytes = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text) * 1024);

const known = (found: { readonly [field in keyof ProjectChip]: ProjectChip[field] | undefined }): ProjectChip =>
  Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as ProjectChip;

const LARGEST_BYTES = 4 << 20;

function textOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= LARGEST_BYTES ? readFileSync(path, 'utf8') : '';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).slice(0, 2000);
  } catch {
    return [];
  }
}
