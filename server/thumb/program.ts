import { type Instruction as InstructionOf, type Item as ItemOf, Writer } from '../machine/writer.ts';
import type { Mnemonic, Operand } from './instruction.ts';

export type Instruction = InstructionOf<Mnemonic, Operand>;

/** Tables lie at multiples of four. */
export type Item = ItemOf<Mnemonic, Operand>;

/** Machine code of a Cortex-M0+ in the making. */
export class Program extends Writer<Mnemonic, Operand> {
  readonly items: Item[] = [];
  readonly tables: Item[] = [];
  /** Words of the stack frame, by what they hold, in the order in which they were first asked for. */
  readonly slots: string[] = [];
  /** Whether tables may lie farther than 16 bits reach. */
  readonly isFar: boolean;

  constructor(isFar = false) {
    super();
    this.isFar = isFar;
  }

  op(mnemonic: Mnemonic, ...operands: Operand[]): void {
    this.items.push({ mnemonic, operands, times: this.often, taken: 0, owner: this.owner });
  }

  branch(mnemonic: Mnemonic, share: number, target: string): void {
    this.items.push({ mnemonic, operands: [target], times: this.often, taken: this.often * share, owner: this.owner });
  }

  label(label: string): void {
    this.items.push({ label });
  }

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
}
