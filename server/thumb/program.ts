import { type Instruction as InstructionOf, type Item as ItemOf, Writer } from '../machine/writer.ts';
import { constant } from './arithmetic.ts';
import type { Mnemonic, Operand } from './instruction.ts';
import { A, END } from './registers.ts';

export type Instruction = InstructionOf<Mnemonic, Operand>;

/** Tables lie at multiples of four. */
export type Item = ItemOf<Mnemonic, Operand>;

/** Machine code of a Cortex-M0+ in the making. */
export class Program extends Writer<Mnemonic, Operand> {
  /** Words of the stack frame, by what they hold, in the order in which they were first asked for. */
  readonly slots: string[] = [];
  /** Whether tables may lie farther than 16 bits reach. */
  isFar = false;

  /** Writes straight code ahead of `body`, once that is written. */
  ahead(body: () => void, straight: () => void): void {
    const written = this.apart(body);
    straight();
    this.items = this.items.concat(written);
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

  /** Runs `body` `count` times, counted in a word of the stack frame; A is lost. */
  loop(slot: string, count: number, body: () => void): void {
    if (count === 1) {
      body();
      return;
    }
    const again = this.fresh();
    constant(this, A, count);
    this.store(A, slot);
    this.label(again);
    this.times(count, () => {
      body();
      this.load(A, slot);
      this.op('subs i', A, 1);
      this.store(A, slot);
      this.branch('bne', (count - 1) / count, again);
    });
  }

  /** Runs `body` `count` times, which moves `register` (low) on by `bytes` in all; A and END are lost. */
  through(register: number, bytes: number, count: number, body: () => void): void {
    const again = this.fresh();
    if (count > 1) {
      constant(this, A, bytes);
      this.op('adds r', A, A, register);
      this.op('mov', END, A);
      this.label(again);
    }
    this.times(count, () => {
      body();
      if (count === 1) return;
      this.op('cmp h', register, END);
      this.branch('bne', (count - 1) / count, again);
    });
  }
}
