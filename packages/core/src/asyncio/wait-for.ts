import type { ClockTimer } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { CancelledError, TimeoutError } from '../base/errors.ts';
import { milliseconds, mustBe } from '../base/options.ts';
import { Combined } from './combined.ts';
import { ensureFuture, type Awaitable } from './ensure-future.ts';
import { cancelWith } from './forced-cancel.ts';
import { futureInternals, type Future } from './future.ts';

class WaitingFor<T> extends Combined<T, T> {
  readonly #inner: Future<T>;
  readonly #timer: ClockTimer | undefined;
  #expired: CancelledError | undefined;

  constructor(inner: Future<T>, ms: number) {
    super([inner]);
    this.#inner = inner;
    futureInternals.observe(inner);
    futureInternals.subscribe(inner, () => this.#innerSettled(ms));
    if (this.done || ms === Infinity) return;
    if (ms > 0) this.#timer = systemClock.setTimer(ms, () => this.#expire());
    else this.#expire();
  }

  #expire(): void {
    this.#expired = new CancelledError('cancelled by waitFor at its timeout');
    this.#inner.cancel(this.#expired);
  }

  /** The inner outcome counts, also after the timeout: it may have refused the cancel, or failed while cleaning up. */
  #innerSettled(ms: number): void {
    const { state } = this.#inner;
    if (state === 'done') this.settleDone(this.#inner.result());
    else if (state === 'failed') this.settleFailed(this.#inner.exception());
    else if (this.#expired !== undefined)
      this.settleFailed(new TimeoutError(`not done within ${ms} ms`, { cause: this.#expired }));
    else this.settleCancelled(cancelOf(this.#inner));
  }

  protected override requestCancel(reason: unknown, graceMs?: number): boolean {
    return this.#inner.cancel(cancelWith(reason, graceMs));
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    return this.#inner.state as 'pending' | 'running' | 'cancelling';
  }

  protected override onSettled(held: boolean): void {
    super.onSettled(held);
    this.#timer?.cancel();
  }
}

/**
 * Await with a time limit, as asyncio's `wait_for`: after `ms` milliseconds the work is cancelled, and once it has ended
 * (its cleanup is waited for) the future rejects with TimeoutError. Work that refuses the cancel and returns has its
 * result counted. With `ms` 0 unfinished work is cancelled without being given time. Cancelling it cancels the work.
 *
 * @example
 * await waitFor(sleep(60_000), 5).catch((error) => console.log(String(error))); // TimeoutError: not done within 5 ms
 */
export function waitFor<T>(awaitable: Awaitable<T>, ms: number): Future<T> {
  mustBe('the time of waitFor', ms, milliseconds);
  return new WaitingFor(ensureFuture(awaitable), ms);
}

/** The CancelledError of a cancelled future. */
export function cancelOf(future: Future<unknown>): CancelledError {
  return CancelledError.from(futureInternals.outcomeOf(future));
}
