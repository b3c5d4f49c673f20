import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ahead } from '../../server/run/ahead.ts';
import type { Strategy } from '../../server/search/strategy.ts';
import type { Proposal, Trial } from '../../server/search/trial.ts';
import { trialOf } from '../search/trials.ts';

/** Proposals that say how many trials were told before them; exhausted while those are a multiple of `dry`. */
function counting(dry = Number.POSITIVE_INFINITY): Strategy & { asked: number } {
  let told = 0;
  return {
    asked: 0,
    ask() {
      this.asked++;
      if (told % dry === 0) return { exhausted: true, refused: told, duplicates: 0, complete: true };
      return { ...trialOf({ id: this.asked, accuracy: 0.5, ramBytes: 1 }), refused: told, duplicates: 0 } as unknown as Proposal;
    },
    tell() {
      told++;
    },
    adopt() {},
  };
}

const trial: Trial = trialOf({ id: 0, accuracy: 0.5, ramBytes: 1 });

test('an answer given ahead is the one that was asked for, and the next knows all that was told', () => {
  const strategy = counting();
  const asked = ahead({ ...strategy, ask: () => strategy.ask(), tell: (each) => strategy.tell(each) });
  asked.tell(trial);
  asked.askAhead();
  asked.askAhead();
  assert.equal(strategy.asked, 1);
  asked.tell(trial);
  assert.equal(asked.ask().refused, 1);
  assert.equal(asked.ask().refused, 2);
});

test('nothing told is ignored by more than one answer, and none is lost, in whatever order things happen', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('ask', 'ahead', 'tell'), { maxLength: 60 }), fc.integer({ min: 2, max: 5 }), (events, dry) => {
      const strategy = counting(dry);
      const asked = ahead({ ...strategy, ask: () => strategy.ask(), tell: (each) => strategy.tell(each) });
      let told = 0;
      let toldAtLastAnswer = 0;
      const proposed: number[] = [];
      for (const event of events) {
        if (event === 'tell') {
          asked.tell(trial);
          told++;
        } else if (event === 'ahead') asked.askAhead();
        else {
          const answer = asked.ask();
          // An answer knows all that was told before the one ahead of it, and one that says "exhausted" all that was told.
          assert.ok(answer.refused >= toldAtLastAnswer && answer.refused <= told);
          if ('exhausted' in answer) assert.equal(answer.refused, told);
          else proposed.push(answer.id);
          assert.equal(asked.isAhead, false);
          toldAtLastAnswer = told;
        }
      }
      assert.deepEqual(
        proposed,
        [...new Set(proposed)].sort((a, b) => a - b),
      );
    }),
  );
});
