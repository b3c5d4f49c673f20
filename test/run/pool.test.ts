import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { createPool, type Pool, type PoolOptions } from '../../server/run/pool.ts';
import type { Task } from './pooltasks.ts';

const entry = new URL('./pooltasks.ts', import.meta.url);

const pooled = (name: string, options: Partial<PoolOptions>, body: (pool: Pool<Task, unknown, number>) => Promise<void>) =>
  test(name, async () => {
    const pool = createPool<Task, unknown, number>({ workers: 1, entry, ...options });
    try {
      await body(pool);
    } finally {
      await pool.close();
    }
  });

pooled('tasks are done one after another by the same worker', {}, async (pool) => {
  const threads = await Promise.all([pool.run('thread'), pool.run('thread'), pool.run('thread')]);
  assert.equal(new Set(threads).size, 1);
});

pooled('as many tasks at once as there are workers', { workers: 2 }, async (pool) => {
  const gate = new SharedArrayBuffer(4);
  const first = pool.run({ wait: gate });
  const other = await pool.run('thread');
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
  assert.notEqual(await first, other);
});

pooled('progress arrives in order, before the result', {}, async (pool) => {
  const seen: number[] = [];
  assert.equal(await pool.run('progress', { onProgress: (step) => seen.push(step) }), 'done');
  assert.deepEqual(seen, [1, 2, 3]);
});

const shared = new SharedArrayBuffer(8);
pooled('workers see the data of the pool, shared memory as such', { workerData: { shared, name: 'digits' } }, async (pool) => {
  const data = (await pool.run('data')) as { shared: SharedArrayBuffer; name: string };
  assert.equal(data.name, 'digits');
  new Uint8Array(shared)[0] = 7;
  assert.equal(new Uint8Array(data.shared)[0], 7);
});

for (const [task, expected] of [
  ['throw', /^RangeError: this task cannot be done$/],
  ['throw text', /^Error: only words$/],
  ['crash', /^Error: a crash outside the task$/],
  ['exit', /^Error: a worker ended with code 3$/],
  ['function', /could not be cloned/],
] as const)
  pooled(`${task}: the task is rejected with its message, another worker takes over`, {}, async (pool) => {
    const before = await pool.run('thread');
    const [bad, good] = await Promise.allSettled([pool.run(task), pool.run('thread')]);
    assert.ok(bad.status === 'rejected' && good.status === 'fulfilled');
    assert.match(String(bad.reason), expected);
    assert.notEqual(good.value, before);
  });

pooled('a worker out of memory is lost alone: its task is rejected with the reason, another takes over', { heapMiB: 32 }, async (pool) => {
  const before = await pool.run('thread');
  await assert.rejects(pool.run('hoard'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  assert.notEqual(await pool.run('thread'), before);
});

pooled('workers that are lost again and again end the pool', { mostLosses: 3 }, async (pool) => {
  for (let loss = 0; loss < 2; loss++) await assert.rejects(pool.run('throw'), /cannot be done/);
  await pool.run('thread');
  const last = await Promise.allSettled([pool.run('crash'), pool.run('exit'), pool.run('throw'), pool.run('thread')]);
  assert.match(String((last[3] as PromiseRejectedResult).reason), /3 workers in a row were lost: this task cannot be done/);
  await assert.rejects(pool.run('thread'), /in a row were lost/);
});

test('a pool whose entry does not load ends with the reason', async () => {
  const pool = createPool<Task, unknown>({ workers: 1, entry: new URL('./absent.ts', import.meta.url), mostLosses: 2 });
  await assert.rejects(pool.run('thread'), /absent\.ts/);
  await assert.rejects(pool.run('thread'), /absent\.ts/);
  await assert.rejects(pool.run('thread'), /2 workers in a row were lost: .*absent\.ts/);
  await pool.close();
});

pooled('an aborted task that listens ends, and its worker goes on', {}, async (pool) => {
  const before = await pool.run('thread');
  const abort = new AbortController();
  const running = pool.run('until cancelled', { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
  await assert.rejects(running, /enough/);
  assert.equal(await pool.run('thread'), before);
});

pooled('an aborted task that does not listen is ended with its worker', { graceMs: 50, mostLosses: 1 }, async (pool) => {
  const before = await pool.run('thread');
  const abort = new AbortController();
  const running = pool.run('deaf', { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
  await assert.rejects(running, /enough/);
  assert.notEqual(await pool.run('thread'), before);
});

pooled('a task aborted before its turn never starts', {}, async (pool) => {
  const gate = new SharedArrayBuffer(4);
  const first = pool.run({ wait: gate });
  const abort = new AbortController();
  const second = pool.run('exit', { signal: abort.signal });
  abort.abort(new Error('no longer wanted'));
  await assert.rejects(second, /no longer wanted/);
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
  assert.equal(await pool.run('thread'), await first);
  await assert.rejects(pool.run('thread', { signal: AbortSignal.abort(new Error('too late')) }), /too late/);
});

pooled('one signal for many tasks keeps no listeners', {}, async (pool) => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (...given: unknown[]) {
    listeners++;
    Reflect.apply(addEventListener, this, given);
  };
  signal.removeEventListener = function (...given: unknown[]) {
    listeners--;
    Reflect.apply(removeEventListener, this, given);
  };
  for (let task = 0; task < 5; task++) await pool.run('thread', { signal });
  assert.equal(listeners, 0);
});

test('closing rejects what runs and what waits, and later tasks', async () => {
  const pool = createPool<Task, unknown, number>({ workers: 1, entry });
  let started = () => {};
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  const results = Promise.allSettled([pool.run('deaf', { onProgress: () => started() }), pool.run('thread')]);
  await running;
  await pool.close();
  for (const result of await results) assert.match(String((result as PromiseRejectedResult).reason), /the pool is closed/);
  await assert.rejects(pool.run('thread'), /the pool is closed/);
});

pooled('a task that is no plain data is refused, and the worker stays', {}, async (pool) => {
  const before = await pool.run('thread');
  await assert.rejects(pool.run((() => 0) as unknown as Task), /could not be cloned/);
  assert.equal(await pool.run('thread'), before);
});

test('workers give way to other programs where threads have priorities', async (t) => {
  if (process.platform !== 'linux') return t.skip('threads have no priority of their own here');
  const own = getPriority();
  const pool = createPool<Task, unknown>({ workers: 1, entry, priority: 15 });
  assert.equal(await pool.run('priority'), Math.max(15, own));
  assert.equal(getPriority(), own);
  await pool.close();
});
