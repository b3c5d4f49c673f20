import type { Mnemonic, Operand } from './instruction.ts';

export type Instruction = {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly Operand[];
  /** How often it is executed in one inference, and how often its branch is taken or its skip skips; expected where data decides. */
  readonly times: number;
  readonly taken: number;
  /** The stage that it is for. */
  readonly owner?: string;
};

/** Bytes of a table (padded to whole words), which are made only where the code is: its cost hangs on how many there are. */
export type Table = { readonly size: number; readonly bytes: () => readonly number[]; readonly owner?: string };

/** A piece of a program: an instruction, a place that can be jumped to, or a table. */
export type Item = Instruction | { readonly label: string } | Table;

/** Machine code in the making: all that is written while `times(n, ...)` runs is executed n times as often. A `Listing` keeps it, a `Count` tells what it costs. */
export abstract class Program {
  protected often = 1;
  protected owner: string | undefined;
  private labels = 0;

  abstract op(mnemonic: Mnemonic, ...operands: Operand[]): void;

  /** A branch, or a skip of the next instruction, that is taken in `share` of the cases. */
  abstract branch(mnemonic: Mnemonic, share: number, ...operands: Operand[]): void;

  abstract label(label: string): void;

  /** Keeps a table to be laid behind the code, and names it. */
  abstract table(size: number, bytes: () => readonly number[]): string;

  /** Writes straight code ahead of `body`, by the registers that it uses. */
  abstract ahead(body: () => void, straight: (used: ReadonlySet<number>) => void): void;

  /** What is written meanwhile has other registers, and Z in place of Y. */
  abstract renamed(registers: ReadonlyMap<number, number>, body: () => void): void;

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

  /** Runs `body` `count` times (1..65535); `counter` is an upper register, and the one behind it is used too for more than 256 times. */
  loop(counter: number, count: number, body: () => void): void {
    if (count === 1) {
      body();
      return;
    }
    const wide = count > 256;
    const begin = this.fresh();
    this.op('ldi', counter, count & 255);
    if (wide) this.op('ldi', counter + 1, count >> 8);
    this.label(begin);
    this.times(count, () => {
      body();
      if (wide) {
        this.op('subi', counter, 1);
        this.op('sbci', counter + 1, 0);
      } else this.op('dec', counter);
      this.branch('brne', (count - 1) / count, begin);
    });
  }
}
