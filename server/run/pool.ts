import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './worker.ts';

export type PoolOptions = {
  readonly workers: number;
  /** The module that calls `serveTasks`. */
  readonly entry: URL | string;
  /** Seen by every worker; shared memory in it is shared. */
  readonly workerData?: unknown;
  /** Of the workers' threads, as `os.setPriority`; where the system knows priorities of processes only (not Linux), of the whole process. */
  readonly priority?: number;
  /** JavaScript's own memory of each worker, in MiB; Node's default without it. A worker that needs more is lost, and its task rejected. */
  readonly heapMiB?: number;
  /** How long an aborted task may take to notice before its worker is ended. */
  readonly graceMs?: number;
  /** Workers lost in a row, without a task done between them, after which the pool gives up. */
  readonly mostLosses?: number;
};

export type RunOptions<Progress> = { readonly onProgress?: (progress: Progress) => void; readonly signal?: AbortSignal };

/** Worker threads that each do one task at a time, the rest waiting in order. Tasks, progress and results are plain data. */
export type Pool<Task, Result, Progress = unknown> = {
  /** Rejects with the task's error, that of its worker's crash, or the signal's reason. */
  run(task: Task, options?: RunOptions<Progress>): Promise<Result>;
  /** Ends all workers; what they were at is rejected. */
  close(): Promise<void>;
};

/** A task, and the seat that it has once a worker is at it. */
type Job<Task, Result, Progress> = RunOptions<Progress> & {
  readonly task: Task;
  /** `flag[0]` is not zero once the task is aborted. */
  readonly flag: Int32Array<SharedArrayBuffer>;
  resolve(result: Result): void;
  reject(error: unknown): void;
  seat?: Seat<Task, Result, Progress>;
};

type Seat<Task, Result, Progress> = { readonly worker: Worker; job?: Job<Task, Result, Progress> };

export function createPool<Task, Result, Progress = unknown>(options: PoolOptions): Pool<Task, Result, Progress> {
  type Work = Job<Task, Result, Progress>;
  type Place = Seat<Task, Result, Progress>;
  const { workers, heapMiB, graceMs = 2000, mostLosses = 5 } = options;
  const seats = new Set<Place>();
  const ending = new Set<Promise<unknown>>();
  const waiting: Work[] = [];
  let losses = 0;
  let closed: Error | undefined;

  function fill(): void {
    while (!closed && waiting.length > 0) {
      const seat = [...seats].find((each) => !each.job) ?? (seats.size < workers ? open() : undefined);
      if (!seat) return;
      start(seat, waiting.shift()!);
    }
  }

  function open(): Place {
    const worker = new Worker(options.entry, {
      workerData: { data: options.workerData, priority: options.priority },
      ...(heapMiB !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heapMiB } }),
    });
    const seat: Place = { worker };
    let cause: unknown;
    worker.on('message', (message: FromWorker<Result, Progress>) => receive(seat, message));
    worker.on('messageerror', (error) => (cause = error));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (code) => leave(seat, cause ?? new Error(`a worker ended with code ${code}`)));
    seats.add(seat);
    return seat;
  }

  function start(seat: Place, job: Work): void {
    try {
      seat.worker.postMessage({ task: job.task, flag: job.flag } satisfies ToWorker<Task>);
    } catch (error) {
      // The task is no plain data; the worker has not seen it.
      job.reject(error);
      return;
    }
    seat.job = job;
    job.seat = seat;
  }

  function receive(seat: Place, message: FromWorker<Result, Progress>): void {
    const { job } = seat;
    if (!job) return;
    const aborted = job.signal?.aborted;
    if (message.type === 'progress') {
      if (!aborted) job.onProgress?.(message.progress);
      return;
    }
    seat.job = undefined;
    if (aborted) job.reject(job.signal?.reason);
    else if (message.type === 'failed') {
      job.reject(message.error);
      end(seat);
      lose(message.error);
    } else {
      losses = 0;
      job.resolve(message.result);
    }
    fill();
  }

  /** Called when a worker is gone that nobody sent away, or that did not notice an abort. */
  function leave(seat: Place, cause: unknown): void {
    if (!seats.delete(seat)) return;
    const aborted = seat.job?.signal?.aborted;
    seat.job?.reject(aborted ? seat.job.signal?.reason : cause);
    if (!aborted) lose(cause);
    fill();
  }

  /** A worker whose task threw is in a state that nobody knows: it makes place for another. */
  function end(seat: Place): Promise<unknown> {
    seats.delete(seat);
    const ended = seat.worker.terminate().finally(() => ending.delete(ended));
    ending.add(ended);
    return ended;
  }

  function lose(cause: unknown): void {
    losses++;
    if (losses >= mostLosses)
      shut(new Error(`${losses} workers in a row were lost: ${cause instanceof Error ? cause.message : cause}`, { cause }));
  }

  function shut(reason: Error): void {
    closed ??= reason;
    for (const job of waiting.splice(0)) job.reject(closed);
  }

  function abort(job: Work): void {
    const place = waiting.indexOf(job);
    if (place >= 0) {
      waiting.splice(place, 1);
      job.reject(job.signal?.reason);
    }
    Atomics.store(job.flag, 0, 1);
  }

  return {
    run: (task, { onProgress, signal } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed);
        if (signal?.aborted) return reject(signal.reason);
        let grace: NodeJS.Timeout | undefined;
        const onAbort = () => {
          abort(job);
          if (job.seat) grace = setTimeout(() => job.seat?.worker.terminate(), graceMs);
        };
        const settle = (outcome: () => void) => {
          signal?.removeEventListener('abort', onAbort);
          clearTimeout(grace);
          outcome();
        };
        const job: Work = {
          task,
          onProgress,
          signal,
          flag: new Int32Array(new SharedArrayBuffer(4)),
          resolve: (result) => settle(() => resolve(result)),
          reject: (error) => settle(() => reject(error)),
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(job);
        fill();
      }),
    async close() {
      const reason = new Error('the pool is closed');
      shut(reason);
      for (const seat of seats) {
        seat.job?.reject(reason);
        end(seat);
      }
      await Promise.all(ending);
    },
  };
}
