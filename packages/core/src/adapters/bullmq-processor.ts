import { DelayedError, type Job } from 'bullmq';

import {
  Coroutine,
  InvalidArgumentError,
  LoopPool,
  WorkerLoop,
  type Executor,
  type Future,
  type RunOptions,
  type StreamCoroutine,
  tickEnd,
} from '../index.ts';
import { aBoolean, readOptions } from './read-options.ts';
import { bullmqError, storable, withCode } from './bullmq-errors.ts';
import { LateAbort } from './late-abort.ts';

export interface BullmqProcessorOptions {
  /** Where the jobs run: a WorkerLoop, a LoopPool, or another executor. It stays yours to close, after the worker. */
  readonly on: Executor;
  /** Milliseconds that a job may take on a loop or a pool, as the option of `run` says; then the attempt has failed. Default: none. */
  readonly timeout?: number;
  /** The job is an async generator: each item is stored as the progress of BullMQ's job, and the last one is its result. Default false. */
  readonly progress?: boolean;
}

/** What a Worker of BullMQ takes as its processor. */
export interface BullmqProcessor<T, R> {
  (job: Job<T, R>, token?: string, signal?: AbortSignal): Promise<R>;
  /** The loops that there are at most: the concurrency for the Worker, so that it takes no job that others could begin now. */
  readonly concurrency: number;
}

const checks = {
  on: [
    (value: unknown) => typeof (value as Partial<Executor> | null)?.run === 'function',
    'a WorkerLoop, a LoopPool, or another executor',
  ],
  timeout: [(value: unknown) => typeof value === 'number' && value >= 0, 'a number of milliseconds'],
  progress: aBoolean,
} as const;

interface RunsWithOptions {
  run<T>(coroutine: Coroutine<T>, options: RunOptions | undefined): Future<T>;
}

interface Told<R> {
  readonly resolve: (result: R | PromiseLike<R>) => void;
  readonly reject: (error: unknown) => void;
}

/** So long BullMQ keeps a job that could not be begun. */
const refusedMs = 1000;

/**
 * Make the processor of a BullMQ Worker of your own: each job runs on a loop or a pool, and the thread of the Worker stays free to
 * renew the locks of all, however long they block. `job` is a job reference, which gets the job's data, or a function that gives a
 * coroutine for a job.
 *
 * `worker.cancelJob()` cancels the job on its loop. A job that throws is tried again as its `attempts` and `backoff` say; `Drop`
 * becomes BullMQ's UnrecoverableError. Results are stored as JSON; one that can't be is stored as text, not failed. While the pool is
 * full or closed, jobs go back to the queue for a second, and no attempt is counted.
 *
 * @example
 * import { Worker } from 'bullmq';
 * import { bullmqProcessor } from 'offloop/bullmq';
 * await using pool = new LoopPool({ size: 2 });
 * const connection = { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' };
 * const processor = bullmqProcessor(jobs.fib, { on: pool, timeout: 60_000 });
 * const worker = new Worker('sums', processor, { connection, concurrency: processor.concurrency });
 * await worker.close();
 */
export function bullmqProcessor<T, R>(
  job: (data: T, job: Job<T, R>) => Coroutine<R>,
  options: BullmqProcessorOptions & { readonly progress?: false },
): BullmqProcessor<T, R>;
export function bullmqProcessor<T, R>(
  job: (data: T, job: Job<T, R>) => StreamCoroutine<R>,
  options: BullmqProcessorOptions & { readonly progress: true },
): BullmqProcessor<T, R>;
export function bullmqProcessor<T, R>(
  job: (data: T, job: Job<T, R>) => unknown,
  options: BullmqProcessorOptions,
): BullmqProcessor<T, R> {
  if (typeof job !== 'function')
    throw new InvalidArgumentError(`bullmqProcessor takes a job reference, as in jobs.fib; got ${typeof job}`);
  const { on, timeout, progress = false } = readOptions<BullmqProcessorOptions>('bullmqProcessor', options, checks);
  if (on === undefined)
    throw new InvalidArgumentError(
      'bullmqProcessor needs the option on: a WorkerLoop, a LoopPool, or another executor',
    );
  if (timeout !== undefined && !(on instanceof LoopPool || on instanceof WorkerLoop))
    throw new InvalidArgumentError(
      'option timeout of bullmqProcessor needs a WorkerLoop or a LoopPool as its option on',
    );
  const runOptions = timeout === undefined ? undefined : { timeout };

  function start(bull: Job<T, R>): Future<R> {
    // What tells of BullMQ's job cannot travel to another thread.
    const coroutine = job.length > 1 ? job(bull.data, bull) : (job as (data: T) => unknown)(bull.data);
    return (on as RunsWithOptions).run(coroutine as Coroutine<R>, runOptions);
  }

  /** The executor took no more jobs: it waits in BullMQ for a second, and no attempt is counted. */
  async function putBack(bull: Job<T, R>, token: string | undefined): Promise<never> {
    await bull.moveToDelayed(Date.now() + refusedMs, token);
    throw new DelayedError();
  }

  function begin(bull: Job<T, R>, token: string | undefined, signal: AbortSignal | undefined, told: Told<R>): void {
    const future = start(bull);
    const began = !future.done;
    const abort = signal && cancelWith(signal, future);
    const outcome = progress ? lastOf(future, bull) : future;
    void outcome.then(
      (result) => {
        abort?.end();
        told.resolve(storable(result));
      },
      (error: unknown) => {
        abort?.end();
        if (isRefused(error, began, on)) told.resolve(putBack(bull, token));
        else told.reject(bullmqError(error));
      },
    );
  }

  // BullMQ makes a signal only for processors that declare three parameters. As few promises as can be, see BullmqIntake.
  function processor(bull: Job<T, R>, token?: string, signal?: AbortSignal): Promise<R> {
    return new Promise((resolve, reject) => {
      void tickEnd().then(() => {
        try {
          begin(bull, token, signal, { resolve, reject });
        } catch (error) {
          reject(bullmqError(error));
        }
      });
    });
  }
  return Object.assign(processor, { concurrency: on instanceof LoopPool ? on.max : 1 });
}

function cancelWith(signal: AbortSignal, future: Future<unknown>): LateAbort | undefined {
  if (!signal.aborted) return new LateAbort(signal, () => void future.cancel(signal.reason));
  future.cancel(signal.reason);
  return undefined;
}

/** Store each item of a stream as the progress of its job. */
async function lastOf<R>(future: Future<R>, bull: Job<unknown, R>): Promise<R> {
  let last: unknown;
  for await (const item of future as unknown as AsyncIterable<R>) {
    last = item;
    // For people to look at: the job does not fail for it.
    await bull.updateProgress(item as object).catch(() => {});
  }
  return last as R;
}

/** The executor took no more jobs: that is not the fault of this one. */
function isRefused(error: unknown, began: boolean, { isClosed }: Executor): boolean {
  if (withCode(error, 'OFFLOOP_QUEUE_FULL')) return !began;
  return isClosed === true && withCode(error, 'OFFLOOP_LOOP_CLOSED', 'OFFLOOP_POOL_BROKEN', 'OFFLOOP_LOOP_START');
}
