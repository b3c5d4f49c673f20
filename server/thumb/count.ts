import { type Cost, Jumps } from '../machine/jumps.ts';
import { cyclesOf, type Mnemonic, type Operand, rowOf } from './instruction.ts';
import { aligned } from './layout.ts';
import { Program } from './program.ts';
import { isRelaxed, REACH } from './relax.ts';

/** What code takes that is written, with branches and jumps that reach. */
export function counted(write: (p: Program) => void): Cost {
  const p = new Count();
  write(p);
  return p.cost();
}

/** Counts what is written, but for branches and jumps keeps nothing: what they take hangs on how far they reach. */
class Count extends Program {
  private bytes = 0;
  private cycles = 0;
  private tableBytes = 0;
  private readonly jumps = new Jumps();

  override op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.add(mnemonic, operands, 0);
  }

  override branch(mnemonic: Mnemonic, share: number, ...operands: Operand[]): void {
    this.add(mnemonic, operands, this.often * share);
  }

  private add(mnemonic: Mnemonic, operands: readonly Operand[], taken: number): void {
    const [target] = operands;
    if (typeof target === 'string' && isRelaxed(mnemonic))
      this.jumps.add({ at: this.bytes, isBranch: mnemonic !== 'b', target, times: this.often, taken });
    this.bytes += rowOf(mnemonic).bytes;
    this.cycles += this.often * cyclesOf(mnemonic, operands) + taken;
  }

  override label(label: string): void {
    this.jumps.label(label, this.bytes);
  }

  override table(size: number): string {
    this.tableBytes += aligned(size);
    return 'T';
  }

  override ahead(body: () => void, straight: () => void): void {
    this.jumps.ahead(body, () => {
      const { bytes } = this;
      straight();
      return this.bytes - bytes;
    });
  }

  cost(): Cost {
    const { bytes, cycles } = this.jumps.excess(REACH);
    return { bytes: aligned(this.bytes + bytes) + this.tableBytes, cycles: this.cycles + cycles };
  }
}
