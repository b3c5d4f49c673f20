/** A section of a linked program, as GNU ld's map lists it. */
export type MapSection = { readonly name: string; readonly address: number; readonly bytes: number; readonly loadAddress?: number };

/** Sections that are not loaded. */
const NOT_LOADED = /^\.(debug|comment|note|stab|ARM\.attributes|riscv\.attributes|xt\.|symtab|strtab|shstrtab|gnu\.)/;
const MOST_SECTIONS = 4096;

/** The output sections of a map file of GNU ld: those that begin a line, their sizes on it or, behind a long name, on the next. */
export function readMap(text: string): MapSection[] {
  const start = text.indexOf('Linker script and memory map');
  const found: MapSection[] = [];
  const line =
    /^(\.[\w.$-]{1,200})(?:[ \t]+|[ \t]*\r?\n[ \t]+)0x([0-9a-f]{1,16})[ \t]+0x([0-9a-f]{1,16})(?:[ \t]+load address 0x([0-9a-f]{1,16}))?/gim;
  for (const [, name, address, bytes, load] of text.slice(Math.max(0, start)).matchAll(line)) {
    if (NOT_LOADED.test(name) || Number.parseInt(bytes, 16) === 0) continue;
    const loadAddress = load === undefined ? {} : { loadAddress: Number.parseInt(load, 16) };
    found.push({ name, address: Number.parseInt(address, 16), bytes: Number.parseInt(bytes, 16), ...loadAddress });
    if (found.length === MOST_SECTIONS) break;
  }
  return found;
}
