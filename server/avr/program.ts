import { type Instruction as InstructionOf, type Item as ItemOf, Writer } from '../machine/writer.ts';
import type { Mnemonic, Operand } from './instruction.ts';
import { renamed } from './rename.ts';
import { usedBy } from './used.ts';

export type Instruction = InstructionOf<Mnemonic, Operand>;

/** Tables are padded to whole words. */
export type Item = ItemOf<Mnemonic, Operand>;

/** Machine code of an AVR in the making. */
export class Program extends Writer<Mnemonic, Operand> {
  /** Writes straight code ahead of `body`, by the registers that it uses. */
  ahead(body: () => void, straight: (used: ReadonlySet<number>) => void): void {
    const written = this.apart(body);
    straight(usedBy(written));
    this.items = this.items.concat(written);
  }

  /** What is written meanwhile has other registers, and Z in place of Y. */
  renamed(registers: ReadonlyMap<number, number>, body: () => void): void {
    this.items = this.items.concat(this.apart(body).map((item) => renamed(item, registers)));
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
