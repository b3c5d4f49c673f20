import { type Mnemonic, type Operand, rowOf } from './instruction.ts';
import { type Item, Program } from './program.ts';
import { relax } from './relax.ts';
import { renamed } from './rename.ts';

/** What is written, with branches and jumps that reach. */
export function listed(write: (p: Program) => void): Item[] {
  const p = new Listing();
  write(p);
  return relax([...p.items, ...p.tables]);
}

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

  ahead(body: () => void, straight: (used: ReadonlySet<number>) => void): void {
    const written = this.apart(body);
    straight(registersOf(written));
    this.items = this.items.concat(written);
  }

  renamed(registers: ReadonlyMap<number, number>, body: () => void): void {
    this.items = this.items.concat(this.apart(body).map((item) => renamed(item, registers)));
  }

  private apart(body: () => void): Item[] {
    const from = this.items.length;
    body();
    return this.items.splice(from);
  }
}

/** Every register that an item writes or reads; pairs count as both. */
function registersOf(items: readonly Item[]): Set<number> {
  const used = new Set<number>();
  for (const item of items) {
    if (!('mnemonic' in item)) continue;
    const { pointer, registers, step } = rowOf(item.mnemonic);
    if (pointer !== undefined) used.add(pointer).add(pointer + 1);
    for (let i = 0; i < registers; i++) {
      const register = item.operands[i] as number;
      used.add(register);
      if (step === 2) used.add(register + 1);
    }
  }
  return used;
}
