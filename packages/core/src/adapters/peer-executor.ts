import {
  CarryError,
  Future,
  InvalidArgumentError,
  NotCloneableError,
  takeCall,
  type Coroutine,
  type CoroutineCall,
  type Executor,
} from '../index.ts';
import type { PeerExecutorOptions, PeerPool, PeerRunOptions } from './peer-pool.ts';
import { PeerRun } from './peer-run.ts';

const defaultGraceMs = 1000;

/** A pool of another library as an executor. */
export interface PeerExecutor extends Executor {
  /**
   * Run a coroutine in a thread of the pool. Throws for what is no coroutine, or was scheduled before; everything else, also
   * an argument that cannot be sent, rejects the future.
   *
   * @example
   * import { piscinaExecutor } from 'offloop/piscina';
   * import { Piscina } from 'piscina';
   * const pool = new Piscina({ maxThreads: 1 });
   * const executor = piscinaExecutor(pool);
   * const signal = AbortSignal.abort('not wanted any more');
   * console.log(executor.run(jobs.fib(40), { signal }).state); // cancelled
   * setDefaultExecutor(executor);
   * console.log(await jobs.fib(20)); // 6765
   * await pool.close();
   */
  run<T>(coroutine: Coroutine<T>, options?: PeerRunOptions): Future<T>;
}

/** Make an executor of a pool. */
export function peerExecutor(pool: PeerPool, { graceMs = defaultGraceMs }: PeerExecutorOptions = {}): PeerExecutor {
  if (typeof graceMs !== 'number' || !(graceMs >= 0))
    throw new InvalidArgumentError(
      `option graceMs must be a number of milliseconds, 0 or more; got ${String(graceMs)}`,
    );
  return {
    run<T>(coroutine: Coroutine<T>, { signal }: PeerRunOptions = {}): Future<T> {
      let call: CoroutineCall;
      try {
        call = takeCall(coroutine);
      } catch (error) {
        if (!(error instanceof NotCloneableError || error instanceof CarryError)) throw error;
        const { future, reject } = Future.withResolvers<T>();
        reject(error);
        return future;
      }
      return new PeerRun<T>(pool, call, graceMs, signal);
    },
  };
}
