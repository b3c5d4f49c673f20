import { test } from 'node:test';
import { planWith } from '../../server/plan/choose.ts';
import { machineOf } from '../../server/plan/machine.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { counted } from '../../server/thumb/count.ts';
import { writersOf } from '../../server/thumb/functions.ts';
import { cyclesOf, MNEMONICS, type Mnemonic, type Operand, rowOf } from '../../server/thumb/instruction.ts';
import { endOf } from '../../server/thumb/layout.ts';
import { listed } from '../../server/thumb/listing.ts';
import type { Item, Program } from '../../server/thumb/program.ts';
import { writePush } from '../../server/thumb/push.ts';
import { assertCost, type Draw, randomCode } from '../support/code.ts';
import { randomQuantized } from '../support/networks.ts';

const drawn =
  (random: Random): Draw<Mnemonic, Operand> =>
  (target) => {
    const mnemonic = MNEMONICS[random.integer(MNEMONICS.length)];
    const operands = rowOf(mnemonic).fields.map(({ letter, bits, scale }): Operand => {
      if (letter === 'k' || letter === 'K') return target();
      return scale * random.integer(2 ** bits.length);
    });
    return [mnemonic, ...operands];
  };

/** Random code, some of it behind a frame whose words it asks for. */
function write(p: Program, seed: number, count: number): void {
  const random = createRandom(seed);
  const some = randomCode(p, random, count, drawn(random));
  const [first, second] = [Math.floor(count / 3), Math.floor(count / 2)];
  some(0, first);
  p.ahead(
    () => {
      some(first, second);
      for (let i = random.integer(9); i > 0; i--) p.store(0, `word ${i}`);
    },
    () => {
      for (const _ of p.slots) p.op('push', random.integer(256));
    },
  );
  some(second, count);
}

/** By the items themselves, once they are written. */
function costOf(items: readonly Item[]): { bytes: number; cycles: number } {
  const bytes = items.reduce((end, item) => endOf(item, end), 0);
  const cycles = items.reduce(
    (sum, item) => ('mnemonic' in item ? sum + item.times * cyclesOf(item.mnemonic, item.operands) + item.taken : sum),
    0,
  );
  return { bytes, cycles };
}

function assertCounted(write: (p: Program) => void, what: string): void {
  assertCost(counted(write), costOf(listed(write)), what);
}

test('code that is only counted takes as much as the same code written out, near and far', () => {
  for (let seed = 0; seed < 200; seed++) assertCounted((p) => write(p, seed, seed < 190 ? 10 * seed : 5000), `seed ${seed}`);
});

test('so do the functions of random networks', () => {
  const target = planTarget({ architecture: 'cortex-m0plus' });
  for (let seed = 0; seed < 60; seed++) {
    const random = createRandom(42_000 + seed);
    const { quantized } = randomQuantized(random, { largest: 16, narrow: seed % 3 === 0 }, [0, 0.5, 0.9][seed % 3]);
    const { input, stages } = quantized;
    const unit = seed % 2 && input.shape.width > 1 ? 'pixel' : 'row';
    const plan = planWith({ unit, streamed: 1 + random.integer(stages.length) }, input.shape, stages, target);
    if (!plan.machine) continue;
    const machine = machineOf(quantized, plan);
    for (const [name, write] of [['push', writePush] as const, ...writersOf(machine)])
      assertCounted((p) => write(p, machine), `seed ${seed}, ${name} by ${unit}`);
  }
});
