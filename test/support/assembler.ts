import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A family of tools, and what they are told beside the files. */
export type Tools = { readonly prefix: string; readonly as: readonly string[]; readonly ld: readonly string[] };

/** What a compiler's assembler and linker make of lines, at address 0. */
export function assembledBy({ prefix, as, ld }: Tools, lines: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-as-'));
  const run = (tool: string, ...args: string[]) => execFileSync(`${prefix}-${tool}`, args, { cwd: folder, stdio: 'ignore' });
  try {
    writeFileSync(join(folder, 'a.s'), `${lines.join('\n')}\n`);
    run('as', ...as, '-o', 'a.o', 'a.s');
    run('ld', ...ld, '-Ttext=0', '--entry=0', '-o', 'a.elf', 'a.o');
    run('objcopy', '-O', 'binary', '-j', '.text', 'a.elf', 'a.bin');
    return readFileSync(join(folder, 'a.bin'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every mnemonic stands in the file `stored`, which has rows of `mnemonic|operand|... = bytes`, and is encoded so. */
export function assertEncoded<Mnemonic extends string>(
  stored: URL,
  mnemonics: readonly Mnemonic[],
  encode: (mnemonic: Mnemonic, operands: readonly number[]) => readonly number[],
): void {
  const rows = readFileSync(stored, 'utf8')
    .trim()
    .split('\n')
    .map((row) => row.split(' = '));
  assert.deepEqual([...new Set(rows.map(([written]) => written.split('|')[0]))].sort(), [...mnemonics].sort());
  for (const [written, bytes] of rows) {
    const [mnemonic, ...operands] = written.split('|');
    const words = encode(mnemonic as Mnemonic, operands.map(Number));
    const hex = words.map((word) => Buffer.from([word & 255, word >> 8]).toString('hex')).join('');
    assert.equal(hex, bytes, written);
  }
}
