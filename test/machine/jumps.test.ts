import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Jump, lengthsOf, type Mark, type Reach } from '../../server/machine/jumps.ts';
import { createRandom } from '../../server/random.ts';

const reach: Reach = { ahead: 1, branch: { least: -6, most: 5 }, jump: { least: -30, most: 29 } };

test('jumps are as long as they have to be to reach, and no longer', () => {
  let far = 0;
  for (let seed = 0; seed < 500; seed++) {
    const random = createRandom(seed);
    const count = 1 + random.integer(40);
    const jumps: Jump[] = [];
    const labels = new Map<string, Mark>();
    let at = 0;
    for (let i = 0; i < count; i++) {
      labels.set(`L${i}`, { at, jumps: jumps.length });
      at += 2 * random.integer(4);
      jumps.push({ at, isBranch: random.integer(2) === 0, target: `L${random.integer(count)}` });
      at += 2;
    }
    const longer = lengthsOf(jumps, labels, reach);
    /** Whether a jump reaches that is so many words longer, those before it and its target being as long as they were found. */
    const reaches = (i: number, words: number): boolean => {
      const begin = (index: number) => longer.subarray(0, index).reduce((sum, each) => sum + each, 0);
      const { isBranch, target } = jumps[i];
      if (words === (isBranch ? 2 : 1)) return true;
      const mark = labels.get(target)!;
      const overJump = isBranch && words > 0;
      const from = jumps[i].at / 2 + begin(i) + reach.ahead + Number(overJump);
      const distance = mark.at / 2 + begin(mark.jumps) - from;
      const { least, most } = isBranch && !overJump ? reach.branch : reach.jump;
      return distance >= least && distance <= most;
    };
    jumps.forEach((_, i) => {
      assert.ok(reaches(i, longer[i]), `seed ${seed}, jump ${i} does not reach`);
      far += Number(longer[i] > 1);
      // Where no other grew, what is a word shorter does not reach.
      const alone = jumps.every((_, k) => k === i || longer[k] === 0);
      if (alone && longer[i] > 0) assert.ok(!reaches(i, longer[i] - 1), `seed ${seed}, jump ${i} is too long`);
    });
  }
  assert.ok(far > 50, `${far} were far`);
});
