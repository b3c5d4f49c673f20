import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classesOf, classPerSample, LEFT_OUT } from '../../server/dataset/classes.ts';
import { collectLabels } from '../../server/dataset/labels.ts';
import { stratify } from '../../server/dataset/split.ts';
import { createRandom } from '../../server/random.ts';

const CLASSES = 5;
const classes = fc.array(fc.integer({ min: LEFT_OUT, max: CLASSES - 1 }), { maxLength: 400 }).map((list) => Int16Array.from(list));
const shares = fc
  .record({ validation: fc.double({ min: 0, max: 0.6, noNaN: true }), test: fc.double({ min: 0, max: 0.6, noNaN: true }) })
  .filter(({ validation, test }) => validation + test < 1);

test('every sample of a class is in one split, and each class keeps its shares within one item', () => {
  fc.assert(
    fc.property(classes, shares, fc.nat(), (list, wanted, seed) => {
      const parts = stratify(list, CLASSES, wanted, createRandom(seed));
      const taken = [...parts.train, ...parts.validation, ...parts.test].sort((a, b) => a - b);
      const belonging = [...list.keys()].filter((sample) => list[sample] !== LEFT_OUT);
      assert.deepEqual(taken, belonging);
      for (const part of Object.values(parts))
        assert.deepEqual(
          [...part],
          [...part].sort((a, b) => a - b),
        );
      for (let each = 0; each < CLASSES; each++) {
        const count = (part: Iterable<number>) => [...part].filter((sample) => list[sample] === each).length;
        const all = count(belonging);
        assert.ok(Math.abs(count(parts.test) - wanted.test * all) < 1);
        assert.ok(Math.abs(count(parts.validation) - wanted.validation * all) < 1);
        assert.ok(all === 0 || count(parts.train) > 0);
      }
    }),
  );
});

test('the share of the whole is kept as well: many small classes do not round it away', () => {
  const list = Int16Array.from({ length: 100 * 7 }, (_, i) => i % 100);
  const parts = stratify(list, 100, { validation: 0.1, test: 0.2 }, createRandom(1));
  assert.deepEqual([parts.validation.length, parts.test.length], [70, 140]);
});

test('a seed repeats its choice, another chooses differently, and the test does not hang on the validation share', () => {
  const list = Int16Array.from({ length: 200 }, (_, i) => i % 4);
  const choose = (seed: number, validation = 0.2) => stratify(list, 4, { validation, test: 0.2 }, createRandom(seed));
  assert.deepEqual(choose(1), choose(1));
  assert.notDeepEqual(choose(1).validation, choose(2).validation);
  assert.deepEqual(choose(1, 0.3).test, choose(1, 0.1).test);
});

const labels = (...list: (number | string)[]) => {
  const collected = collectLabels(list);
  assert.ok(typeof collected === 'object');
  return collected;
};

test('without groups every label is a class: numbers by value, then words', () => {
  const found = classesOf(labels(10, 9, 2, 10), undefined);
  assert.ok(typeof found === 'object');
  assert.deepEqual(found.names, ['2', '9', '10']);
  assert.deepEqual([...classPerSample(labels(10, 9, 2, 10), found)], [2, 1, 0, 2]);
  const words = classesOf(labels('on', 'Off', 3), undefined);
  assert.ok(typeof words === 'object');
  assert.deepEqual(words.names, ['3', 'Off', 'on']);
});

test('groups join labels, and leave out those in none', () => {
  const all = labels(0, 1, 2, 3, 1);
  const found = classesOf(all, [
    { name: 'odd', labels: [1, '3'] },
    { name: 'zero', labels: ['0'] },
  ]);
  assert.ok(typeof found === 'object');
  assert.deepEqual([...classPerSample(all, found)], [1, 0, LEFT_OUT, 0, 0]);
});

test('groups that do not work are refused', () => {
  const group = (name: string, ...list: (number | string)[]) => ({ name, labels: list });
  assert.match(String(classesOf(labels(1, 1), undefined)), /one class is there; 2 to 256/);
  assert.match(String(classesOf(labels(...Array(300).keys()), undefined)), /300 classes are there; 2 to 256/);
  assert.match(String(classesOf(labels(1, 2), [group('a', 1), group('b', 2, 1)])), /label 1 belongs to two classes, a and b/);
  assert.match(
    String(classesOf(labels(1, 2), [group('a', 1), group('b', 7)])),
    /class b has no training sample: none is labelled 7; the labels there are 1, 2/,
  );
});
