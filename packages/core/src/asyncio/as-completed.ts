import type { ClockTimer } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { TimeoutError } from '../base/errors.ts';
import { milliseconds, readOptions } from '../base/options.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import { ensureFutures, type Awaitable } from './ensure-future.ts';
import { Future, futureInternals } from './future.ts';

export interface AsCompletedOptions {
  /** Milliseconds for the whole iteration; then it throws TimeoutError, and what is unfinished goes on. Default: none. */
  readonly timeout?: number;
}

/** One settled future. A record, since an async iteration would unwrap a bare future. */
export type SettledRecord<T> =
  | { readonly future: Future<T>; readonly status: 'fulfilled'; readonly value: T; readonly reason?: undefined }
  | { readonly future: Future<T>; readonly status: 'rejected'; readonly value?: undefined; readonly reason: unknown };

class Completions<T> implements AsyncIterableIterator<SettledRecord<T>> {
  readonly #settled = new RingBuffer<Future<T>>();
  readonly #children: readonly Future<T>[];
  #left: number;
  #timedOut: TimeoutError | undefined;
  readonly #timer: ClockTimer | undefined;
  /** Whether the unfinished ones are held: while somebody iterates. */
  #holding = false;
  /** The consumer, while it waits for the next one. */
  #waiter: Future<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(children: readonly Future<T>[], timeout: number) {
    this.#children = children;
    this.#left = children.length;
    if (timeout !== Infinity && children.length > 0)
      this.#timer = systemClock.setTimer(timeout, () => this.#onTimeout(timeout));
    for (const child of children) {
      futureInternals.observe(child);
      futureInternals.subscribe(child, () => this.#onSettled(child));
    }
    this.#hold(true);
  }

  #onSettled(child: Future<T>): void {
    this.#settled.push(child);
    this.#wake?.();
  }

  #onTimeout(timeout: number): void {
    const unfinished = this.#children.filter((child) => !child.done).length;
    this.#timedOut = new TimeoutError(
      `asCompleted: ${unfinished} of ${this.#children.length} futures were unfinished after ${timeout} ms; they go on`,
    );
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<SettledRecord<T>, undefined>> {
    for (;;) {
      const child = this.#settled.shift();
      if (child !== undefined) {
        this.#left--;
        if (this.#left === 0) this.#timer?.cancel();
        return { done: false, value: recordOf(child) };
      }
      if (this.#left === 0) return { done: true, value: undefined };
      if (this.#timedOut !== undefined) {
        this.#hold(false);
        throw this.#timedOut;
      }
      this.#hold(true);
      if (this.#waiter === undefined || this.#waiter.done) {
        const { future, resolve } = Future.withResolvers<void>();
        this.#waiter = future;
        this.#wake = resolve;
      }
      await this.#waiter;
    }
  }

  /** Leaving the loop early gives the timer up; iterating again goes on where it stopped. */
  return(): Promise<IteratorResult<SettledRecord<T>, undefined>> {
    this.#hold(false);
    this.#timer?.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  #hold(wanted: boolean): void {
    if (wanted === this.#holding) return;
    this.#holding = wanted;
    const change = wanted ? futureInternals.hold : futureInternals.release;
    for (const child of this.#children) change(child);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * Iterate over the futures in the order in which they finish, as asyncio's `as_completed`. Yields records of what
 * happened and throws no child's error; only its own timeout throws. Cancels nothing, neither at the timeout nor at `break`.
 *
 * @example
 * for await (const { status, value } of asCompleted([sleep(20, 'slow'), sleep(1, 'fast')])) console.log(status, value);
 * // fulfilled fast
 * // fulfilled slow
 */
export function asCompleted<A extends Awaitable<unknown>>(
  list: Iterable<A>,
  options?: AsCompletedOptions,
): AsyncIterableIterator<SettledRecord<Awaited<A>>> {
  const { timeout = Infinity } = readOptions('asCompleted', options, { timeout: milliseconds });
  return new Completions(
    [...new Set(ensureFutures<Awaited<A>>('asCompleted', list as Iterable<Awaitable<Awaited<A>>>))],
    timeout,
  );
}

function recordOf<T>(future: Future<T>): SettledRecord<T> {
  if (future.state === 'done') return { future, status: 'fulfilled', value: future.result() };
  return { future, status: 'rejected', reason: futureInternals.outcomeOf(future) };
}
