import { inspect } from 'node:util';

import type { Tinypool, TinypoolWorker } from 'tinypool';

import { InvalidArgumentError } from '../index.ts';
import { threadAt, type PeerCall } from '../wire/peer-call.ts';
import { peerExecutor, type PeerExecutor } from './peer-executor.ts';
import type { PeerExecutorOptions } from './peer-pool.ts';

/**
 * Make an executor of a Tinypool of threads: jobs of job modules run in them, beside the tasks that it has already. All that
 * is said of `piscinaExecutor` holds, and: a Tinypool by itself does not notice that a thread has ended by `process.exit()`
 * and lets its task wait for ever; the executor tells it. A pool of child processes shares no memory and is refused with
 * InvalidArgumentError.
 *
 * @example
 * import { Tinypool } from 'tinypool';
 * import { tinypoolExecutor } from 'offloop/tinypool';
 * const pool = new Tinypool({ maxThreads: 2 });
 * const executor = tinypoolExecutor(pool);
 * console.log(await executor.run(jobs.fib(20))); // 6765
 * await pool.destroy();
 */
export function tinypoolExecutor(pool: Tinypool, options?: PeerExecutorOptions): PeerExecutor {
  if (typeof (pool as Partial<Tinypool> | null)?.run !== 'function' || typeof pool.options !== 'object')
    throw new InvalidArgumentError(`tinypoolExecutor takes a Tinypool; got ${inspect(pool, { depth: 0 })}`);
  if (pool.options.runtime !== 'worker_threads')
    throw new InvalidArgumentError(
      `tinypoolExecutor takes a pool of threads; the runtime of this one is '${pool.options.runtime}', which shares no memory`,
    );
  const exits = new Exits(pool);
  return peerExecutor(
    {
      kind: 'a Tinypool',
      isExclusive: pool.options.concurrentTasksPerWorker === 1,
      run(call, { filename, name, transferList, signal }) {
        exits.calls.add(call);
        const result = pool.run(call, {
          filename,
          name,
          transferList: [...transferList],
          ...(signal === undefined ? {} : { signal }),
        }) as Promise<unknown>;
        return result.finally(() => exits.calls.delete(call));
      },
      threadsMayHaveChanged: () => exits.watch(),
    },
    options,
  );
}

/** Tells a Tinypool of threads that have ended under calls of ours, as it notices by itself of child processes. */
class Exits {
  readonly #pool: Tinypool;
  readonly #watched = new WeakSet<TinypoolWorker>();
  /** In flight. */
  readonly calls: Set<PeerCall> = new Set();

  constructor(pool: Tinypool) {
    this.#pool = pool;
  }

  watch(): void {
    for (const worker of this.#pool.threads) {
      if (this.#watched.has(worker)) continue;
      this.#watched.add(worker);
      const { threadId } = worker;
      worker.once('exit', (code: number) => {
        // A thread that the pool has ended itself is not among its threads any more; one without a task would be an error event.
        if (this.#pool.threads.includes(worker) && this.#runsOn(threadId))
          worker.emit('error', new Error(`worker exited with code: ${code}`));
      });
    }
  }

  #runsOn(threadId: number): boolean {
    return [...this.calls].some(({ words }) => Atomics.load(words, threadAt) === threadId);
  }
}
