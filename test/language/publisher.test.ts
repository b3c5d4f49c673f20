import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublisher } from '../../server/language/publisher.ts';

/** A publisher whose work takes as long as is said, and what it has published. */
function publisher(costs: { [uri: string]: number }) {
  const published: string[] = [];
  let clock = 0;
  const publish = (uri: string) => {
    published.push(uri);
    clock += costs[uri];
  };
  return { published, ...createPublisher(publish, 20, () => clock) };
}

test('keystrokes that come together are answered once, at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  const { published, later } = publisher({ a: 1, b: 1 });
  for (let key = 0; key < 5; key++) later('a');
  later('b');
  assert.deepEqual(published, []);
  t.mock.timers.tick(0);
  assert.deepEqual(published, ['a', 'b']);
});

test('what takes long is answered when typing pauses, until it is short again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  const costs = { a: 100 };
  const { published, later } = publisher(costs);
  later('a');
  t.mock.timers.tick(0);
  assert.deepEqual(published, ['a']);
  for (let key = 0; key < 5; key++) {
    later('a');
    t.mock.timers.tick(19);
  }
  assert.deepEqual(published, ['a']);
  costs.a = 1;
  t.mock.timers.tick(1);
  assert.deepEqual(published, ['a', 'a']);
  later('a');
  t.mock.timers.tick(0);
  assert.deepEqual(published, ['a', 'a', 'a']);
});

test('what is dropped or stopped is not published', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  const { published, later, drop, stop } = publisher({ a: 1, b: 1 });
  later('a');
  later('b');
  drop('a');
  stop();
  t.mock.timers.tick(100);
  assert.deepEqual(published, []);
});
