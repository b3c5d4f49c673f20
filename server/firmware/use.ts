import { readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Device } from '../device/device.ts';
import { type Elf, readElf } from '../verify/elf.ts';
import { readMap } from './map.ts';
import { isFlash, isRam } from './memory.ts';
import { type Build, findBuild, findProject, type Project } from './project.ts';
import { type ProgramSymbol, readSymbols } from './symbols.ts';

/** Bytes of RAM and flash that a program takes before its first instruction. The stack is not among them. */
export type Use = { readonly ramBytes: number; readonly flashBytes: number };

/** What the user's own firmware takes of its chip, and the file that says so, from the project's folder. */
export type FirmwareUse = Use & { readonly file: string; readonly project: string };

/** Where the network's C goes, and what it is called: what of it the program holds already is not the user's own. */
export type Written = { readonly folder: string; readonly name: string };

/**
 * What the project around the written C takes, read from its newest build. Undefined where there is no project within `top`, it was not built,
 * or the build cannot be read. The network that the build holds already, and one state of it, are left out.
 */
export const firmwareUse = (written: Written, top: string, device: Pick<Device, 'architecture'>): Promise<FirmwareUse | undefined> =>
  createFirmwareLook()(written, top, device);

export type FirmwareLook = typeof firmwareUse;

const MOST_KEPT = 16;

/** As `firmwareUse`, for who looks again and again: a build is read once, and again when it or the written header has changed. */
export function createFirmwareLook(read: typeof useOfBuild = useOfBuild): FirmwareLook {
  const known = new Map<string, Promise<Use | undefined>>();
  return async (written, top, { architecture }) => {
    const project = findProject(written.folder, top);
    const build = project && findBuild(project);
    if (!project || !build) return undefined;
    const header = await stat(headerOf(written)).catch(() => undefined);
    const key = JSON.stringify([build, written, architecture, header?.mtimeMs, header?.size]);
    const found = known.get(key) ?? read(build, written, { architecture });
    known.delete(key);
    known.set(key, found);
    if (known.size > MOST_KEPT) known.delete(known.keys().next().value!);
    return told(await found, project, build);
  };
}

function told(use: Use | undefined, project: Project, build: Build): FirmwareUse | undefined {
  return use && { ...use, file: relative(project.folder, build.path).replaceAll('\\', '/'), project: project.folder };
}

async function useOfBuild(build: Build, written: Written, { architecture }: Pick<Device, 'architecture'>): Promise<Use | undefined> {
  try {
    const content = await readFile(build.path);
    if (build.type === 'map') return useOfMap(content.toString('latin1'), architecture);
    const own = ownUse(readSymbols(content), written.name, await stateBytes(written), architecture);
    const all = useOfElf(readElf(content), architecture);
    return { ramBytes: Math.max(0, all.ramBytes - own.ramBytes), flashBytes: Math.max(0, all.flashBytes - own.flashBytes) };
  } catch (error) {
    // A build that is being written, was removed meanwhile, or is for another machine.
    if (error instanceof RangeError || (error instanceof Error && 'code' in error)) return undefined;
    throw error;
  }
}

/** RAM by the addresses where sections live, flash by the addresses where their bytes are loaded from. */
export function useOfElf({ sections, segments }: Elf, architecture: Device['architecture']): Use {
  const ram = sections.filter(({ address }) => isRam(architecture, address));
  const flash = segments.filter(({ address }) => isFlash(architecture, address));
  return { ramBytes: sum(ram.map(({ bytes }) => bytes)), flashBytes: sum(flash.map(({ content }) => content.length)) };
}

/** As an ELF file of the same program would tell; sections that are set to zero have no load address, or are called `.bss` and the like. */
export function useOfMap(text: string, architecture: Device['architecture']): Use {
  const sections = readMap(text);
  const ram = sections.filter(({ address }) => isRam(architecture, address));
  const flash = sections.filter(({ name, address, loadAddress }) =>
    isRam(architecture, address)
      ? loadAddress !== undefined && isFlash(architecture, loadAddress) && !/bss|noinit|stack|heap/i.test(name)
      : isFlash(architecture, address),
  );
  return { ramBytes: sum(ram.map(({ bytes }) => bytes)), flashBytes: sum(flash.map(({ bytes }) => bytes)) };
}

/** What of a program is the network: names of its C file, names with its prefix, and one object of the size of its state. */
export function ownUse(
  symbols: readonly ProgramSymbol[],
  name: string,
  state: number | undefined,
  architecture: Device['architecture'],
): Use {
  const own = symbols.filter((each) => each.file === `${name}.c` || (each.file === undefined && each.name.startsWith(`${name}_`)));
  const objects = symbols.filter(({ kind, address, bytes }) => kind === 'object' && bytes === state && isRam(architecture, address));
  const ram = own.filter(({ address }) => isRam(architecture, address));
  const held = objects.some((each) => own.includes(each)) ? 0 : (objects[0]?.bytes ?? 0);
  const flash = own.filter(({ address }) => isFlash(architecture, address));
  return { ramBytes: sum(ram.map(({ bytes }) => bytes)) + held, flashBytes: sum(flash.map(({ bytes }) => bytes)) };
}

/** The size of the state that the written header names. */
async function stateBytes(written: Written): Promise<number | undefined> {
  const header = await readFile(headerOf(written), 'latin1').catch(() => '');
  const bytes = Number(/_STATE_BYTES (\d{1,9})\s/.exec(header.slice(0, 1 << 16))?.[1]);
  return bytes > 0 ? bytes : undefined;
}

const headerOf = ({ folder, name }: Written): string => join(folder, `${name}.h`);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
