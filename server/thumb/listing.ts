import type { Mnemonic, Operand } from './instruction.ts';
import { type Item, Program } from './program.ts';
import { relax } from './relax.ts';

/** What is written, with branches and jumps that reach. */
export function listed(write: (p: Program) => void): Item[] {
  const p = new Listing();
  write(p);
  return relax([...p.items, END, ...p.tables]);
}

/** What follows begins at a multiple of four. */
const END: Item = { size: 0, bytes: () => [] };

/** Keeps what is written. */
export class Listing extends Program {
  items: Item[] = [];
  readonly tables: Item[] = [];

  op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: 0, owner: this.owner });
  }

  branch(mnemonic: Mnemonic, share: number, ...operands: Operand[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: this.often * share, owner: this.owner });
  }

  label(label: string): void {
    this.items.push({ label });
  }

  bytes(bytes: readonly number[]): void {
    this.items.push({ size: bytes.length, bytes: () => bytes });
  }

  table(size: number, bytes: () => readonly number[]): string {
    const label = `T${this.tables.length}`;
    this.tables.push({ label }, { size, bytes, owner: this.owner });
    return label;
  }

  ahead(body: () => void, straight: () => void): void {
    const from = this.items.length;
    body();
    const written = this.items.splice(from);
    straight();
    this.items = this.items.concat(written);
  }
}
