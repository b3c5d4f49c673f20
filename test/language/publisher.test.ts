import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublisher } from '../../server/language/publisher.ts';

test('a burst of keystrokes is answered once, when it pauses', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const published: string[] = [];
  const publisher = createPublisher((uri) => published.push(uri), 20);
  for (let key = 0; key < 5; key++) {
    publisher.later('a');
    t.mock.timers.tick(19);
  }
  publisher.later('b');
  t.mock.timers.tick(1);
  assert.deepEqual(published, ['a']);
  t.mock.timers.tick(19);
  assert.deepEqual(published, ['a', 'b']);
});

test('what is dropped or stopped is not published', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const published: string[] = [];
  const publisher = createPublisher((uri) => published.push(uri), 20);
  publisher.later('a');
  publisher.later('b');
  publisher.drop('a');
  publisher.stop();
  t.mock.timers.tick(100);
  assert.deepEqual(published, []);
});
