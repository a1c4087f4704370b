import { throwUncaught } from '../base/stacks.ts';
import { ensureFuture, type Awaitable } from './ensure-future.ts';
import { Future, futureInternals } from './future.ts';
import { cancelOf } from './wait-for.ts';

class Shield<T> extends Future<T> {
  readonly #inner: Future<T>;

  constructor(inner: Future<T>) {
    super();
    this.#inner = inner;
    futureInternals.observe(inner);
    futureInternals.subscribe(inner, () => this.#innerSettled());
  }

  #innerSettled(): void {
    const { state } = this.#inner;
    if (state === 'failed') {
      // The shield was cancelled, so nobody is left who could be told of the failure.
      if (!this.settleFailed(this.#inner.exception())) throwUncaught(this.#inner.exception());
    } else if (state === 'done') this.settleDone(this.#inner.result());
    else this.settleCancelled(cancelOf(this.#inner));
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    return this.#inner.state as 'pending' | 'running' | 'cancelling';
  }

  protected override onHeld(): void {
    futureInternals.hold(this.#inner);
  }
}

/**
 * A future that can be cancelled without cancelling the work behind it, as asyncio's `shield`. When the work is cancelled
 * the shield is too; when it fails after the shield was cancelled, the failure is an uncaught exception.
 *
 * @example
 * const work = sleep(5, 'saved');
 * shield(work).cancel();
 * console.log(await work); // saved
 */
export function shield<T>(awaitable: Awaitable<T>): Future<T> {
  const inner = ensureFuture(awaitable);
  return inner.done ? inner : new Shield(inner);
}
