/** A name of a linked program with its bytes. */
export type ProgramSymbol = {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly kind: 'object' | 'function';
  /** The source file of a name that only it knows; names for all have none. */
  readonly file?: string;
};

const MOST_SYMBOLS = 1 << 18;
const [SHT_SYMTAB, STT_OBJECT, STT_FUNC, STT_FILE] = [2, 1, 2, 4];
const SECTION_BYTES = 40;
const SYMBOL_BYTES = 16;

/** The objects and functions of a 32-bit little-endian ELF file; none where it was stripped of them, or is damaged. */
export function readSymbols(file: Uint8Array): ProgramSymbol[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 52 || view.getUint32(0) !== 0x7f454c46 || file[4] !== 1 || file[5] !== 1) return [];
  const [table, count] = [view.getUint32(32, true), view.getUint16(48, true)];
  const section = (index: number) => {
    const at = table + index * SECTION_BYTES;
    if (index >= count || at + SECTION_BYTES > file.length) return undefined;
    const [type, offset, bytes, link] = [4, 16, 20, 24].map((field) => view.getUint32(at + field, true));
    return offset + bytes > file.length ? undefined : { type, offset, bytes, link };
  };
  const symbols = Array.from({ length: count }, (_, index) => section(index)).find((each) => each?.type === SHT_SYMTAB);
  const names = symbols && section(symbols.link);
  if (!symbols || !names) return [];
  const text = file.subarray(names.offset, names.offset + names.bytes);
  const found: ProgramSymbol[] = [];
  let source: string | undefined;
  for (let index = 0; index < Math.min(Math.floor(symbols.bytes / SYMBOL_BYTES), MOST_SYMBOLS); index++) {
    const at = symbols.offset + index * SYMBOL_BYTES;
    const info = view.getUint8(at + 12);
    const type = info & 15;
    const name = nameAt(text, view.getUint32(at, true));
    if (type === STT_FILE) source = name;
    if (type !== STT_OBJECT && type !== STT_FUNC) continue;
    const isLocal = info >> 4 === 0;
    found.push({
      name,
      address: view.getUint32(at + 4, true),
      bytes: view.getUint32(at + 8, true),
      kind: type === STT_OBJECT ? 'object' : 'function',
      ...(isLocal && source !== undefined ? { file: source } : {}),
    });
  }
  return found;
}

function nameAt(text: Uint8Array, offset: number): string {
  if (offset >= text.length) return '';
  const end = text.indexOf(0, offset);
  return new TextDecoder('latin1').decode(text.subarray(offset, Math.min(end < 0 ? text.length : end, offset + 256)));
}
