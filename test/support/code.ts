import assert from 'node:assert/strict';
import type { Writer } from '../../server/machine/writer.ts';
import type { Random } from '../../server/random.ts';

/** An instruction and its operands, those of jumps by `target`. */
export type Draw<Mnemonic, Operand> = (target: () => string) => readonly [Mnemonic, ...Operand[]] | undefined;

/** Writes the instructions `from` to `until` of `count` random ones, with labels that they go to near and far. */
export function randomCode<Mnemonic, Operand>(
  p: Writer<Mnemonic, Operand>,
  random: Random,
  count: number,
  draw: Draw<Mnemonic, Operand>,
): (from: number, until: number) => void {
  const labels = Array.from({ length: 1 + Math.floor(count / 8) }, (_, i) => `P${i}`);
  const places = labels.map(() => random.integer(count));
  const target = () => labels[random.integer(labels.length)];
  return (from, until) => {
    for (let at = from; at < until; at++) {
      for (const [i, place] of places.entries()) if (place === at) p.label(labels[i]);
      if (random.integer(50) === 0) p.table(random.integer(9), () => []);
      const [mnemonic, ...operands] = draw(target) ?? [];
      if (mnemonic === undefined) continue;
      p.times(random.integer(20), () => {
        if (random.integer(2)) p.op(mnemonic, ...operands);
        else p.branch(mnemonic, random.next(), ...operands);
      });
    }
  };
}

type Cost = { readonly bytes: number; readonly cycles: number };

/** Code that is only counted takes what the same code written out does. */
export function assertCost(counted: Cost, written: Cost, what: string): void {
  assert.equal(counted.bytes, written.bytes, what);
  assert.ok(Math.abs(counted.cycles - written.cycles) <= 1e-9 * written.cycles, `${what}: ${counted.cycles}, not ${written.cycles}`);
}
