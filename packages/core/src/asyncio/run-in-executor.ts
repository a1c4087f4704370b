import { InvalidArgumentError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import { ensureFuture, toFuture } from './ensure-future.ts';
import type { Future } from './future.ts';

/** What runs coroutines of this type. */
export interface ExecutorOf<C> {
  run(coroutine: C): Future<Awaited<C>>;
}

/** Run a coroutine on an executor, or with null on the default executor of this thread. */
export function runInExecutor<C>(executor: ExecutorOf<NoInfer<C>> | null, coroutine: C): Future<Awaited<C>> {
  if (executor !== null) {
    if (typeof (executor as Partial<ExecutorOf<C>> | undefined)?.run !== 'function')
      throw new InvalidArgumentError(
        `runInExecutor takes an executor, which has a method run(coroutine), or null for the default one; got ${shown(executor)}`,
      );
    return executor.run(coroutine);
  }
  if (typeof (coroutine as { [toFuture]?: unknown } | null | undefined)?.[toFuture] !== 'function')
    throw new InvalidArgumentError(
      `runInExecutor takes a coroutine, what calling a job gives, as in runInExecutor(null, jobs.fib(30)); got ${shown(coroutine)}`,
    );
  return ensureFuture(coroutine as PromiseLike<Awaited<C>>);
}
