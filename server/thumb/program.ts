import { type Instruction as InstructionOf, type Item as ItemOf, Writer } from '../machine/writer.ts';
import type { Mnemonic, Operand } from './instruction.ts';

export type Instruction = InstructionOf<Mnemonic, Operand>;

/** Tables lie at multiples of four. */
export type Item = ItemOf<Mnemonic, Operand>;

/** Machine code of a Cortex-M0+ in the making. A `Listing` keeps it, a `Count` tells what it costs. */
export abstract class Program extends Writer<Mnemonic, Operand> {
  /** Words of the stack frame, by what they hold, in the order in which they were first asked for. */
  readonly slots: string[] = [];
  /** Whether tables may lie farther than 16 bits reach. */
  isFar = false;

  /** Writes straight code ahead of `body`, once that is written. */
  abstract ahead(body: () => void, straight: () => void): void;

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
}
