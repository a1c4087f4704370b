import type { Future } from '../asyncio/future.ts';
import { InvalidArgumentError, InvalidStateError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import type { Coroutine } from './coroutine.ts';

/** Anything that runs jobs: a loop, a pool, or an adapter around another library's pool. */
export interface Executor {
  run<T>(coroutine: Coroutine<T>): Future<T>;
  /** An executor that is closed is not used as the default any more. */
  readonly isClosed?: boolean;
}

let make: (() => Executor) | undefined;
let current: Executor | undefined;

/** Tell how the default executor is made when it is first needed; the pool does so when it is loaded. */
export function provideDefaultExecutor(factory: () => Executor): void {
  make = factory;
}

/** Where a coroutine runs that is awaited without having been given to a loop: a daemon pool, made on first use. */
export function getDefaultExecutor(): Executor {
  if (current === undefined || current.isClosed === true) {
    if (make === undefined) throw new InvalidStateError('there is no default executor; call setDefaultExecutor first');
    current = make();
  }
  return current;
}

/**
 * Replace where `await jobs.fib(40)` runs in this thread. The former default is not closed; `undefined` goes back to a
 * daemon pool that is made when it is needed.
 *
 * @example
 * setDefaultExecutor(loop);
 * console.log(await jobs.fib(10)); // runs on `loop`
 */
export function setDefaultExecutor(executor: Executor | undefined): void {
  if (executor !== undefined && typeof (executor as Partial<Executor> | null)?.run !== 'function') {
    throw new InvalidArgumentError(
      `setDefaultExecutor takes an executor, which has a method run(coroutine); got ${shown(executor)}`,
    );
  }
  current = executor;
}
