import { Combined } from './combined.ts';
import { ensureFuture, type Awaitable } from './ensure-future.ts';
import { futureInternals, type Future } from './future.ts';
import { cancelOf } from './wait-for.ts';

class Shield<T> extends Combined<T, T> {
  readonly #inner: Future<T>;

  constructor(inner: Future<T>) {
    super([inner]);
    this.#inner = inner;
    futureInternals.subscribe(inner, () => this.#innerSettled());
  }

  #innerSettled(): void {
    const { state } = this.#inner;
    if (state === 'failed') {
      // Where the shield was cancelled, nobody hears of the failure from it: then it is the inner future's to be reported.
      if (!this.done) this.settleFailed(this.#inner.exception());
    } else if (state === 'done') this.settleDone(this.#inner.result());
    else this.settleCancelled(cancelOf(this.#inner));
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    return this.#inner.state as 'pending' | 'running' | 'cancelling';
  }
}

/**
 * A future that can be cancelled without cancelling the work behind it, as asyncio's `shield`. When the work is cancelled
 * the shield is too; when it fails after the shield was cancelled, the failure is reported as one that nobody awaits,
 * unless somebody else looks after it.
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
