/** A number's bytes, the lowest first. */
export const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) & 255);

/** A table as lines for an assembler. */
export function byteLines(bytes: readonly number[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 24) lines.push(`.byte ${bytes.slice(i, i + 24).join(',')}`);
  return lines;
}

/** Where pieces of these sizes end that lie one after the other. */
export function endsOf(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => (end += size));
}
