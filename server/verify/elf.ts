/** What is read from a linked program: its sections' sizes and the bytes to be loaded. */
export type Elf = {
  readonly sections: readonly { readonly name: string; readonly address: number; readonly bytes: number }[];
  /** Loadable bytes by load address. */
  readonly segments: readonly { readonly address: number; readonly content: Uint8Array }[];
};

const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const PT_LOAD = 1;
const MOST_ENTRIES = 4096;

/** Reads a 32-bit little-endian ELF file; every offset is checked against the file. Throws RangeError when it is not one or is damaged. */
export function readElf(file: Uint8Array): Elf {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fail = (what: string): never => {
    throw new RangeError(`not a sound 32-bit little-endian ELF file: ${what}`);
  };
  if (file.length < 52 || view.getUint32(0) !== 0x7f454c46 || file[4] !== 1 || file[5] !== 1) fail('no such header');
  const entries = (offset: number, size: number, count: number, least: number) => {
    if (count > MOST_ENTRIES || (count > 0 && (size < least || offset + size * count > file.length))) fail('a table lies outside the file');
    return Array.from({ length: count }, (_, i) => offset + i * size);
  };
  const slice = (offset: number, bytes: number): Uint8Array => {
    if (offset + bytes > file.length) fail('contents lie outside the file');
    return file.subarray(offset, offset + bytes);
  };
  const headers = entries(view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true), 40);
  const names = headers[view.getUint16(50, true)];
  const text = names === undefined ? new Uint8Array() : slice(view.getUint32(names + 16, true), view.getUint32(names + 20, true));
  const nameAt = (offset: number) => {
    const end = text.indexOf(0, offset);
    return new TextDecoder('latin1').decode(text.subarray(offset, Math.min(end < 0 ? text.length : end, offset + 256)));
  };
  const sections = headers
    .filter((at) => view.getUint32(at + 8, true) & SHF_ALLOC)
    .map((at) => {
      const bytes = view.getUint32(at + 20, true);
      if (view.getUint32(at + 4, true) !== SHT_NOBITS) slice(view.getUint32(at + 16, true), bytes);
      return { name: nameAt(view.getUint32(at, true)), address: view.getUint32(at + 12, true), bytes };
    });
  const segments = entries(view.getUint32(28, true), view.getUint16(42, true), view.getUint16(44, true), 32)
    .filter((at) => view.getUint32(at, true) === PT_LOAD && view.getUint32(at + 16, true) > 0)
    .map((at) => ({ address: view.getUint32(at + 12, true), content: slice(view.getUint32(at + 4, true), view.getUint32(at + 16, true)) }));
  return { sections, segments };
}
