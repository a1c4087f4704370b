import { CancelledError, InvalidArgumentError } from '../base/errors.ts';
import { shown } from '../base/options.ts';
import { Future } from './future.ts';

/** How a coroutine is turned into a future by what sits below it: it schedules itself on the default executor. */
export const toFuture: unique symbol = Symbol('offloop.toFuture');

/** What the combinators take: a future, a coroutine (it is scheduled on the default executor), or a promise. */
export type Awaitable<T> = PromiseLike<T>;

/** The future of a promise that is not ours: cancelling it gives up waiting, the promise itself goes on. */
class PromiseFuture<T> extends Future<T> {
  constructor(promise: PromiseLike<T>) {
    super();
    promise.then(
      (value) => this.settleDone(value),
      (error: unknown) => (error instanceof CancelledError ? this.settleCancelled(error) : this.settleFailed(error)),
    );
  }
}

/** A future for anything awaitable: a future is itself, as asyncio's `ensure_future`. Throws InvalidArgumentError for anything else. */
export function ensureFuture<T>(awaitable: Awaitable<T>): Future<T> {
  if (awaitable instanceof Future) return awaitable as Future<T>;
  const candidate = awaitable as (Partial<PromiseLike<T>> & { [toFuture]?: () => Future<T> }) | null | undefined;
  if (typeof candidate?.[toFuture] === 'function') return candidate[toFuture]();
  if (typeof candidate?.then === 'function') return new PromiseFuture(candidate as PromiseLike<T>);
  throw new InvalidArgumentError(`a future, coroutine or promise is required; got ${shown(awaitable)}`);
}

/** A list of awaitables as futures; the same awaitable twice is one future. Checks all before it schedules any. */
export function ensureFutures<T>(what: string, list: Iterable<Awaitable<T>>): Future<T>[] {
  if (typeof (list as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new InvalidArgumentError(`${what} takes an iterable of futures, as in ${what}([a, b]); got ${shown(list)}`);
  }
  const items = [...list];
  for (const [index, item] of items.entries()) {
    if (typeof (item as Partial<PromiseLike<T>> | null | undefined)?.then !== 'function') {
      throw new InvalidArgumentError(
        `item ${index} of ${what} must be a future, coroutine or promise; got ${shown(item)}`,
      );
    }
  }
  const futures = new Map<Awaitable<T>, Future<T>>();
  for (const item of items) if (!futures.has(item)) futures.set(item, ensureFuture(item));
  return items.map((item) => futures.get(item) as Future<T>);
}
