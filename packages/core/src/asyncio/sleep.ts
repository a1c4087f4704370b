import type { ClockTimer } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { milliseconds, mustBe } from '../base/options.ts';
import { Future } from './future.ts';

class Sleep<T> extends Future<T> {
  readonly #timer: ClockTimer;

  constructor(ms: number, value: T) {
    super();
    this.#timer = systemClock.setTimer(ms, () => this.settleDone(value));
  }

  protected override onSettled(_held: boolean): void {
    this.#timer.cancel();
  }
}

/**
 * A future that is done after `ms` milliseconds, with `value`; any delay, also above the 24.8 days of `setTimeout`.
 * Awaited in a task it throws CancelledError as soon as the task is cancelled, and its timer is gone.
 *
 * @example
 * await sleep(10);
 * console.log(await sleep(5, 'done')); // done
 */
export function sleep(ms: number): Future<void>;
export function sleep<T>(ms: number, value: T): Future<T>;
export function sleep<T>(ms: number, value?: T): Future<T | undefined> {
  mustBe('the delay of sleep', ms, milliseconds);
  return new Sleep(ms, value);
}
