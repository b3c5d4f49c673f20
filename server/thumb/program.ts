import type { Mnemonic, Operand } from './instruction.ts';

export type Instruction = {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly Operand[];
  /** How often it is executed in one inference, and how often its branch is taken; expected where data decides. */
  readonly times: number;
  readonly taken: number;
  /** The stage that it is for. */
  readonly owner?: string;
};

/** Bytes of a table, laid at a multiple of four; they are made only where the code is: its cost hangs on how many there are. */
export type Table = { readonly size: number; readonly bytes: () => readonly number[]; readonly owner?: string };

/** A piece of a program: an instruction, a place that can be jumped to, or a table. */
export type Item = Instruction | { readonly label: string } | Table;

/** Machine code in the making, with what it costs: all that is written while `times(n, ...)` runs is executed n times as often. */
export class Program {
  readonly items: Item[] = [];
  readonly tables: Item[] = [];
  /** Words of the stack frame, by what they hold, in the order in which they were first asked for. */
  readonly slots: string[] = [];
  /** Whether tables may lie farther than 16 bits reach. */
  readonly isFar: boolean;
  private often = 1;
  private labels = 0;
  private owner: string | undefined;

  constructor(isFar = false) {
    this.isFar = isFar;
  }

  op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: 0, owner: this.owner });
  }

  /** A branch that is taken in `share` of the cases. */
  branch(mnemonic: Mnemonic, share: number, target: string): void {
    this.items.push({ mnemonic, operands: [target], times: this.often, taken: this.often * share, owner: this.owner });
  }

  label(label: string): void {
    this.items.push({ label });
  }

  fresh(): string {
    return `L${this.labels++}`;
  }

  /** Keeps a table to be laid behind the code, and names it. */
  table(size: number, bytes: () => readonly number[]): string {
    const label = `T${this.tables.length}`;
    this.tables.push({ label }, { size, bytes, owner: this.owner });
    return label;
  }

  /** `register` (low) = a word of the stack frame. */
  load(register: number, slot: string): void {
    this.op('ldr sp', register, this.slot(slot));
  }

  /** A word of the stack frame = `register` (low). */
  store(register: number, slot: string): void {
    this.op('str sp', register, this.slot(slot));
  }

  private slot(name: string): number {
    if (!this.slots.includes(name)) this.slots.push(name);
    return 4 * this.slots.indexOf(name);
  }

  /** What is written meanwhile is for this stage. */
  of(owner: string, body: () => void): void {
    const before = this.owner;
    this.owner = owner;
    body();
    this.owner = before;
  }

  times(count: number, body: () => void): void {
    const before = this.often;
    this.often *= count;
    body();
    this.often = before;
  }

  /** Writes `body` behind a branch that leaves it out in `share` of the cases. */
  unless(mnemonic: Mnemonic, share: number, body: () => void): void {
    const over = this.fresh();
    this.branch(mnemonic, share, over);
    this.times(1 - share, body);
    this.label(over);
  }
}
