/** Joins lines, dropping those that are absent, and indents them by `depth` steps of four blanks. */
export function lines(depth: number, ...parts: readonly (string | false | undefined)[]): string {
  const present = parts.filter((part): part is string => typeof part === 'string');
  const pad = '    '.repeat(depth);
  return present
    .join('\n')
    .split('\n')
    .map((line) => (line ? pad + line : line))
    .join('\n');
}

/** A constant table in flash. */
export function table(type: 'int8_t' | 'uint8_t' | 'int16_t' | 'uint16_t' | 'int32_t', name: string, values: ArrayLike<number>): string {
  const cells = Array.from(values, (value) => (value === -(2 ** 31) ? '(-2147483647 - 1)' : String(value)));
  return `static const ${type} ${name}[${cells.length}] FLASH = {\n${wrap(cells)}\n};`;
}

function wrap(cells: readonly string[]): string {
  const rows: string[] = [];
  let row = '   ';
  for (const cell of cells) {
    if (row.length + cell.length > 108) {
      rows.push(row);
      row = '   ';
    }
    row += ` ${cell},`;
  }
  rows.push(row);
  return rows.join('\n');
}
