import { inspect } from 'node:util';

import type { Piscina } from 'piscina';

import { InvalidArgumentError } from '../index.ts';
import { peerExecutor, type PeerExecutor } from './peer-executor.ts';
import type { PeerExecutorOptions } from './peer-pool.ts';

/**
 * Make an executor of a Piscina: jobs of job modules run in its threads, beside the tasks that it has already. Give it to
 * `loop.runInExecutor`, to `setDefaultExecutor`, or call its `run`. The pool stays yours, to close, too.
 *
 * As on a loop: errors keep their face, a queued call that was cancelled never runs, and a running job sees its cancel at
 * `checkCancelled()`, at its awaits of what is offloop's, and by its signal. Otherwise than on a loop:
 *
 * - a job that has not ended `graceMs` after its cancel costs the pool a thread, which it replaces; where the pool has
 *   `concurrentTasksPerWorker` above 1 it runs on instead, and its future waits for it;
 * - a call that was cancelled while it was queued keeps its place in the pool's queue until its turn;
 * - async generator jobs are refused (StreamUseError), and results are copied, never moved;
 * - what runs holds the process, awaited or not; the order in which calls start is the pool's;
 * - closing the pool rejects with LoopClosedError or LoopCrashedError, as the pool tells it.
 *
 * @example
 * import { Piscina } from 'piscina';
 * import { piscinaExecutor } from 'offloop/piscina';
 * const pool = new Piscina({ maxThreads: 2 });
 * const executor = piscinaExecutor(pool);
 * console.log(await executor.run(jobs.fib(20))); // 6765
 * await pool.close();
 */
export function piscinaExecutor(pool: Piscina, options?: PeerExecutorOptions): PeerExecutor {
  if (typeof (pool as Partial<Piscina> | null)?.run !== 'function' || typeof pool.options !== 'object')
    throw new InvalidArgumentError(`piscinaExecutor takes a Piscina; got ${inspect(pool, { depth: 0 })}`);
  return peerExecutor(
    {
      kind: 'a Piscina',
      isExclusive: pool.options.concurrentTasksPerWorker === 1,
      run: (call, { filename, name, transferList, signal }) =>
        pool.run(call, { filename, name, transferList: [...transferList], signal: signal ?? null }) as Promise<unknown>,
      threadsMayHaveChanged: () => {},
    },
    options,
  );
}
