import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/** What passes between a pool and its workers. `flag[0]` is not zero once the task is aborted. */
export type ToWorker<Task> = { readonly task: Task; readonly flag: Int32Array<SharedArrayBuffer> };
export type FromWorker<Result, Progress> =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly error: Error };

export type TaskContext<Progress> = {
  progress(progress: Progress): void;
  /** To be asked every now and then; a task that is cancelled returns or throws at once, its result is not wanted. */
  cancelled(): boolean;
};

/** The pool's `workerData`, inside a worker. */
export const poolData = (): unknown => workerData?.data;

/** Makes this thread a worker of a pool: `handler` does one task after another. */
export function serveTasks<Task, Result, Progress = unknown>(
  handler: (task: Task, context: TaskContext<Progress>) => Result | Promise<Result>,
): void {
  const port = parentPort;
  if (!port) throw new Error('this module is for a worker thread');
  if (workerData?.priority !== undefined) lowerPriority(workerData.priority);
  const send = (message: FromWorker<Result, Progress>) => port.postMessage(message);
  port.on('message', async ({ task, flag }: ToWorker<Task>) => {
    const context = {
      progress: (progress: Progress) => send({ type: 'progress', progress }),
      cancelled: () => Atomics.load(flag, 0) !== 0,
    };
    try {
      send({ type: 'done', result: await handler(task, context) });
    } catch (thrown) {
      send({ type: 'failed', error: thrown instanceof Error ? plain(thrown) : new Error(String(thrown)) });
    }
  });
}

/** Errors of our own classes do not pass between threads as such. */
function plain({ name, message, stack }: Error): Error {
  const error = new Error(message);
  return Object.assign(error, { name, stack });
}

/** Never above what the process was started with. */
function lowerPriority(priority: number): void {
  try {
    setPriority(Math.max(priority, getPriority()));
  } catch {
    // Not permitted here: the work is done all the same.
  }
}
