import { type Cost, Jumps } from '../machine/jumps.ts';
import { type Mnemonic, type Operand, rowOf } from './instruction.ts';
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
  /** A bit for each register. */
  private used = 0;
  private readonly jumps = new Jumps();

  override op(mnemonic: Mnemonic, first?: Operand, second?: Operand): void {
    this.add(mnemonic, 0, first, second);
  }

  override branch(mnemonic: Mnemonic, share: number, first?: Operand, second?: Operand): void {
    this.add(mnemonic, this.often * share, first, second);
  }

  private add(mnemonic: Mnemonic, taken: number, first?: Operand, second?: Operand): void {
    const { words, cycles, registers, step, pointer } = rowOf(mnemonic);
    if (typeof first === 'string' && isRelaxed(mnemonic))
      this.jumps.add({ at: this.bytes, isBranch: mnemonic !== 'rjmp', target: first, times: this.often, taken });
    this.bytes += 2 * words;
    this.cycles += this.often * cycles + taken;
    const each = step === 2 ? 3 : 1;
    if (registers > 0) this.used |= each << (first as number);
    if (registers > 1) this.used |= each << (second as number);
    if (pointer !== undefined) this.used |= 3 << pointer;
  }

  override label(label: string): void {
    this.jumps.label(label, this.bytes);
  }

  override table(size: number): string {
    this.tableBytes += size + (size % 2);
    return 'T';
  }

  override ahead(body: () => void, straight: (used: ReadonlySet<number>) => void): void {
    const { used } = this;
    this.used = 0;
    this.jumps.ahead(body, () => {
      const { bytes } = this;
      straight(this.registers());
      this.used |= used;
      return this.bytes - bytes;
    });
  }

  /** Others cost the same. */
  override renamed(_registers: ReadonlyMap<number, number>, body: () => void): void {
    body();
  }

  private registers(): Set<number> {
    return new Set(Array.from({ length: 32 }, (_, register) => register).filter((register) => (this.used >>> register) & 1));
  }

  cost(): Cost {
    const { bytes, cycles } = this.jumps.excess(REACH);
    return { bytes: this.bytes + bytes + this.tableBytes, cycles: this.cycles + cycles };
  }
}
