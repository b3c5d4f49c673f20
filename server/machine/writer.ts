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

/** Machine code in the making: all that is written while `times(n, ...)` runs is executed n times as often. */
export abstract class Writer<Mnemonic, Operand> {
  protected often = 1;
  protected owner: string | undefined;
  private labels = 0;

  abstract op(mnemonic: Mnemonic, ...operands: Operand[]): void;

  /** A branch, or a skip of the next instruction, that is taken in `share` of the cases. */
  abstract branch(mnemonic: Mnemonic, share: number, ...operands: (Operand | string)[]): void;

  abstract label(label: string): void;

  /** Keeps a table to be laid behind the code, and names it. */
  abstract table(size: number, bytes: () => readonly number[]): string;

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
