import { type Jump, lengthsOf, type Mark } from '../machine/reach.ts';
import { cyclesOf, type Mnemonic, type Operand, rowOf } from './instruction.ts';
import { aligned } from './layout.ts';
import { Program } from './program.ts';
import { isRelaxed, REACH } from './relax.ts';

/** What machine code takes: bytes, and the cycles of one inference, expected. */
export type Cost = { readonly bytes: number; readonly cycles: number };

/** What is written, with branches and jumps that reach. */
export function counted(write: (p: Program) => void): Cost {
  const p = new Count();
  write(p);
  return p.cost();
}

type Counted = Jump & { readonly times: number; readonly taken: number };

/** Counts what is written, but for branches and jumps keeps nothing: what they take hangs on how far they reach. */
class Count extends Program {
  private bytes = 0;
  private cycles = 0;
  private tableBytes = 0;
  private readonly jumps: Counted[] = [];
  private readonly places = new Map<string, Mark>();

  op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.add(mnemonic, operands, 0);
  }

  branch(mnemonic: Mnemonic, share: number, ...operands: Operand[]): void {
    this.add(mnemonic, operands, this.often * share);
  }

  private add(mnemonic: Mnemonic, operands: readonly Operand[], taken: number): void {
    const [target] = operands;
    if (typeof target === 'string' && isRelaxed(mnemonic))
      this.jumps.push({ at: this.bytes, isBranch: mnemonic !== 'b', target, times: this.often, taken });
    this.bytes += rowOf(mnemonic).bytes;
    this.cycles += this.often * cyclesOf(mnemonic, operands) + taken;
  }

  label(label: string): void {
    this.places.set(label, { at: this.bytes, jumps: this.jumps.length });
  }

  table(size: number): string {
    this.tableBytes += aligned(size);
    return 'T';
  }

  ahead(body: () => void, straight: () => void): void {
    const places = this.places.size;
    const jumps = this.jumps.length;
    body();
    const ahead = this.bytes;
    straight();
    const by = this.bytes - ahead;
    for (const mark of [...this.places.values()].slice(places)) mark.at += by;
    for (const jump of this.jumps.slice(jumps)) jump.at += by;
  }

  cost(): Cost {
    const longer = lengthsOf(this.jumps, this.places, REACH);
    let { bytes, cycles } = this;
    this.jumps.forEach(({ times, taken }, i) => {
      bytes += 2 * longer[i];
      // A branch that is not taken takes the jump that it is turned around over, and one that is taken a cycle less.
      if (longer[i] > 0) cycles += times;
      if (longer[i] > 1) cycles += taken;
    });
    return { bytes: aligned(bytes) + this.tableBytes, cycles };
  }
}
