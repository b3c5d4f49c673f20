import { type Jump, lengthsOf, type Mark } from '../machine/reach.ts';
import { type Mnemonic, type Operand, rowOf } from './instruction.ts';
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
  /** A bit for each register. */
  private used = 0;
  private readonly jumps: Counted[] = [];
  private readonly places = new Map<string, Mark>();

  op(mnemonic: Mnemonic, first?: Operand, second?: Operand): void {
    this.add(mnemonic, 0, first, second);
  }

  branch(mnemonic: Mnemonic, share: number, first?: Operand, second?: Operand): void {
    this.add(mnemonic, this.often * share, first, second);
  }

  private add(mnemonic: Mnemonic, taken: number, first?: Operand, second?: Operand): void {
    const { words, cycles, registers, step, pointer } = rowOf(mnemonic);
    if (typeof first === 'string' && isRelaxed(mnemonic))
      this.jumps.push({ at: this.bytes, isBranch: mnemonic !== 'rjmp', target: first, times: this.often, taken });
    this.bytes += 2 * words;
    this.cycles += this.often * cycles + taken;
    const each = step === 2 ? 3 : 1;
    if (registers > 0) this.used |= each << (first as number);
    if (registers > 1) this.used |= each << (second as number);
    if (pointer !== undefined) this.used |= 3 << pointer;
  }

  label(label: string): void {
    this.places.set(label, { at: this.bytes, jumps: this.jumps.length });
  }

  table(size: number): string {
    this.tableBytes += size + (size % 2);
    return 'T';
  }

  ahead(body: () => void, straight: (used: ReadonlySet<number>) => void): void {
    const { used } = this;
    const places = this.places.size;
    const jumps = this.jumps.length;
    this.used = 0;
    body();
    const ahead = this.bytes;
    straight(this.registers());
    this.used |= used;
    const by = this.bytes - ahead;
    for (const mark of [...this.places.values()].slice(places)) mark.at += by;
    for (const jump of this.jumps.slice(jumps)) jump.at += by;
  }

  /** Others cost the same. */
  renamed(_registers: ReadonlyMap<number, number>, body: () => void): void {
    body();
  }

  private registers(): Set<number> {
    return new Set(Array.from({ length: 32 }, (_, register) => register).filter((register) => (this.used >>> register) & 1));
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
    return { bytes: bytes + this.tableBytes, cycles };
  }
}
