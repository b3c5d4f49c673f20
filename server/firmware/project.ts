import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, parse, relative } from 'node:path';

/** How a firmware is built. */
export type ProjectKind = 'platformio' | 'arduino' | 'arduino-library' | 'esp-idf' | 'zephyr' | 'cubemx' | 'cmake';

export type Project = { readonly kind: ProjectKind; readonly folder: string };

/** So far above the folder that the C goes to is looked. */
const MOST_LEVELS = 8;
const MOST_NAMES = 2000;

/**
 * The firmware project that a folder belongs to: the nearest above it that shows the marks of one. Nothing above `top` is looked at,
 * and nothing at all where the folder does not lie in it.
 */
export function findProject(folder: string, top: string): Project | undefined {
  let at = folder;
  for (let level = 0; level < MOST_LEVELS && isInside(at, top); level++) {
    const kind = kindOf(at);
    if (kind) return { kind, folder: at };
    if (at === parse(at).root) return undefined;
    at = dirname(at);
  }
  return undefined;
}

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || /^\.\.[\\/]/.test(way) || parse(way).root !== '');
}

/** A sketch lies in a folder of its own name; the others are known by the file that their tools look for. */
function kindOf(folder: string): ProjectKind | undefined {
  const names = namesIn(folder).map(({ name }) => name);
  const has = (name: string) => names.includes(name);
  if (has('platformio.ini')) return 'platformio';
  if (names.some((name) => name.endsWith('.ino'))) return 'arduino';
  if (has('library.properties')) return 'arduino-library';
  if (names.some((name) => name.endsWith('.ioc')) || (has('.cproject') && has('.project'))) return 'cubemx';
  if (!has('CMakeLists.txt')) return undefined;
  if (has('sdkconfig') || has('sdkconfig.defaults')) return 'esp-idf';
  if (has('prj.conf')) return 'zephyr';
  // A library of a project has its own CMakeLists.txt; only where one is built is there a folder of what was built.
  return names.some((name) => /^(build|cmake-build-.*)$/.test(name)) || has('.git') ? 'cmake' : undefined;
}

/** A compiled program, or the linker's list of what is in it. */
export type Build = { readonly path: string; readonly type: 'elf' | 'map'; readonly sizeBytes: number; readonly modifiedMs: number };

/** Where each tool puts what it has built; `*` stands for any one name. */
const PLACES: { readonly [kind in ProjectKind]: readonly string[] } = {
  platformio: ['.pio/build/*'],
  arduino: ['build', 'build/*'],
  'arduino-library': ['build', 'build/*', 'examples/*/build', 'examples/*/build/*'],
  'esp-idf': ['build'],
  zephyr: ['build/zephyr', 'build/*/zephyr'],
  cubemx: ['Debug', 'Release', 'build', 'build/*'],
  cmake: ['build', 'build/*', 'cmake-build-*', 'out', 'out/*'],
};

const LARGEST_BYTES = { elf: 64 << 20, map: 8 << 20 } as const;

/** The newest program that the project has been built to; where there is none, the newest list of the linker. */
export function findBuild({ kind, folder }: Project): Build | undefined {
  const builds = PLACES[kind].flatMap((place) => expand(folder, place.split('/'))).flatMap(buildsIn);
  const newest = (type: Build['type']) =>
    builds.filter((each) => each.type === type).sort((a, b) => b.modifiedMs - a.modifiedMs || (a.path < b.path ? -1 : 1))[0];
  return newest('elf') ?? newest('map');
}

function expand(folder: string, [step, ...rest]: readonly string[]): string[] {
  if (step === undefined) return [folder];
  if (!step.includes('*')) return existsSync(join(folder, step)) ? expand(join(folder, step), rest) : [];
  const [before] = step.split('*');
  const folders = namesIn(folder).filter((each) => each.isDirectory() && each.name.startsWith(before));
  return folders.flatMap(({ name }) => expand(join(folder, name), rest));
}

/** Programs that tools build for themselves are no firmware: a bootloader, a test of the compiler. */
const TOOLS = /^(bootloader|partition|CMakeDetermineCompilerABI|CompilerId)/i;

const buildsIn = (folder: string): Build[] =>
  namesIn(folder).flatMap(({ name }) => {
    const type = /\.(elf|map)$/i.exec(name)?.[1].toLowerCase() as Build['type'] | undefined;
    const stat = type && !TOOLS.test(name) ? statSync(join(folder, name), { throwIfNoEntry: false }) : undefined;
    if (!type || !stat?.isFile() || stat.size > LARGEST_BYTES[type]) return [];
    return [{ path: join(folder, name), type, sizeBytes: stat.size, modifiedMs: stat.mtimeMs }];
  });

function namesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).slice(0, MOST_NAMES);
  } catch {
    return [];
  }
}
