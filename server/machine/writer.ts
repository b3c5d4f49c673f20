export type Instruction<Mnemonic, Operand> = {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly Operand[];
  /** How often it is executed in one inference, and how often its branch is taken or its skip skips; expected where data decides. */
  readonly times: number;
  readonly taken: number;
  /** The stage that it is for. */
  readonly owner?: string;
};

/** Bytes of a table, which are made only where the code is: its cost hangs on how many there are. */
export type Table = { readonly size: number; readonly bytes: () => readonly number[]; readonly owner?: string };

/** A piece of a program: an instruction, a place that can be jumped to, or a table. */
export type Item<Mnemonic, Operand> = Instruction<Mnemonic, Operand> | { readonly label: string } | Table;

/**
 * Machine code in the making: all that is written while `times(n, ...)` runs is executed n times as often. It is kept; what only counts it
 * does otherwise with the first four.
 */
export class Writer<Mnemonic, Operand> {
  items: Item<Mnemonic, Operand | string>[] = [];
  readonly tables: Item<Mnemonic, Operand | string>[] = [];
  protected often = 1;
  protected owner: string | undefined;
  private labels = 0;

  op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: 0, owner: this.owner });
  }

  /** A branch, or a skip of the next instruction, that is taken in `share` of the cases. */
  branch(mnemonic: Mnemonic, share: number, ...operands: (Operand | string)[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: this.often * share, owner: this.owner });
  }

  label(label: string): void {
    this.items.push({ label });
  }

  /** Keeps a table to be laid behind the code, and names it. */
  table(size: number, bytes: () => readonly number[]): string {
    const label = `T${this.tables.length}`;
    this.tables.push({ label }, { size, bytes, owner: this.owner });
    return label;
  }

  /** What `body` writes, taken out again. */
  protected apart(body: () => void): Item<Mnemonic, Operand | string>[] {
    const from = this.items.length;
    body();
    return this.items.splice(from);
  }

  fresh(): string {
    return `L${this.labels++}`;
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
