import { getPriority } from 'node:os';
import { threadId } from 'node:worker_threads';
import { poolData, serveTasks } from '../../server/run/worker.ts';

export type Task =
  | 'thread'
  | 'throw'
  | 'throw text'
  | 'crash'
  | 'exit'
  | 'hoard'
  | 'progress'
  | 'until cancelled'
  | 'deaf'
  | 'data'
  | 'priority'
  | 'function'
  | { wait: SharedArrayBuffer };

/** The worker of the pool's tests. */
serveTasks<Task, unknown, number>(async (task, { progress, cancelled }) => {
  if (typeof task === 'object') {
    Atomics.wait(new Int32Array(task.wait), 0, 0);
    return threadId;
  }
  switch (task) {
    case 'thread':
      return threadId;
    case 'throw':
      throw new RangeError('this task cannot be done');
    case 'throw text':
      throw 'only words';
    case 'crash':
      setImmediate(() => {
        throw new Error('a crash outside the task');
      });
      return new Promise(() => {});
    case 'exit':
      return process.exit(3);
    case 'hoard':
      for (const hoard: number[][] = []; ; ) hoard.push(Array.from({ length: 10_000 }, (_, i) => i + 0.5));
    case 'progress':
      for (let step = 1; step <= 3; step++) progress(step);
      return 'done';
    case 'until cancelled':
      progress(0);
      while (!cancelled()) await new Promise((resolve) => setImmediate(resolve));
      return threadId;
    case 'deaf':
      progress(0);
      for (;;) Math.sqrt(2);
    case 'data':
      return poolData();
    case 'priority':
      return getPriority();
    case 'function':
      return () => 0;
  }
});
