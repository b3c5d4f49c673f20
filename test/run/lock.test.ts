import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { acquireLock, isHolder, type Lock, lockHolder } from '../../server/run/lock.ts';

test('a lock is held until it is released', (t) => {
  const path = pathOf(t);
  const lock = taken(path);
  const other = acquireLock(path);
  assert.ok(isHolder(other) && other.pid === process.pid && other.host === hostname());
  assert.equal(lockHolder(path)?.pid, process.pid);
  lock.release();
  assert.equal(lockHolder(path), undefined);
  taken(path).release();
  assert.ok(!existsSync(path));
});

test('the lock of a process that was killed is taken over; until then it is held', async (t) => {
  const path = pathOf(t);
  const child = fork(new URL('./locker.ts', import.meta.url), [path]);
  assert.deepEqual((await once(child, 'message'))[0], 'locked');
  const held = acquireLock(path);
  assert.ok(isHolder(held) && held.pid === child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(lockHolder(path), undefined);
  taken(path).release();
});

test('another process with the same id is not taken for the holder', (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux tells when a process started');
  const path = pathOf(t);
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), sinceMs: 0, start: '1', token: 'old' }));
  taken(path).release();
});

test('a lock of another machine is believed', (t) => {
  const path = pathOf(t);
  writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', sinceMs: 0, token: 'old' }));
  const held = acquireLock(path);
  assert.ok(isHolder(held) && held.host === 'elsewhere');
});

test('a lock file that is none is taken over', (t) => {
  const path = pathOf(t);
  for (const text of ['', 'garbage', '{"pid":"x"}', '{"pid":-1,"host":"","sinceMs":0,"token":""}']) {
    writeFileSync(path, text);
    taken(path).release();
  }
});

test('a lock that was taken over is not removed by its former holder', (t) => {
  const path = pathOf(t);
  const lock = taken(path);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/"token":"[^"]*"/, '"token":"another"'));
  lock.release();
  assert.ok(existsSync(path));
});

test('of processes that find one stale lock, one gets it', async (t) => {
  const path = pathOf(t);
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), sinceMs: 0, token: 'old' }));
  const children = Array.from({ length: 4 }, () => fork(new URL('./locker.ts', import.meta.url), [path]));
  const answers = await Promise.all(children.map(async (child) => (await once(child, 'message'))[0]));
  assert.deepEqual(answers.sort(), ['held', 'held', 'held', 'locked']);
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
});

function pathOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'lock');
}

function taken(path: string): Lock {
  const lock = acquireLock(path);
  assert.ok(!isHolder(lock));
  return lock;
}
