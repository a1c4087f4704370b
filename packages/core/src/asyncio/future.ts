import { inspect } from 'node:util';

import { CancelledError, InvalidStateError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { aFunction, milliseconds, mustBe } from '../base/options.ts';
import { currentAwaiter } from './ambient.ts';
import { newPromise, settledPromise, tellAwaiters, withNewest, type Awaiters } from './awaiters.ts';
import { DoneCallbacks } from './done-callbacks.ts';
import { readCancel } from './forced-cancel.ts';
import type { FutureInternals, FutureState } from './future-state.ts';

export type DoneCallback<T> = (future: Future<T>) => void;

/** See FutureInternals; filled by the class below, which alone can reach its private fields. */
export const futureInternals: FutureInternals = {} as FutureInternals;

/**
 * A result that is not there yet, as asyncio's Future. Awaiting it gives the result or throws the error; it is a
 * thenable that makes a promise only when somebody awaits, and never a Promise subclass.
 *
 * An unfinished future of a job that is awaited keeps the process alive until it settles; one that nobody awaits does not,
 * where its loop is a daemon. A failure that nobody looks at by the end of the turn (no await, `result()` or `exception()`) is
 * reported: for a job to the loop's `'error'` event, else as an unhandled rejection.
 *
 * @example
 * const { future, resolve } = Future.withResolvers<number>();
 * future.addDoneCallback((f) => console.log('the answer is', f.result())); // the answer is 42
 * resolve(42);
 * console.log(await future); // 42
 */
export class Future<T> implements PromiseLike<T> {
  #state: 'pending' | 'done' | 'failed' | 'cancelled' = 'pending';
  /** The result when done, the error when failed or cancelled. */
  #outcome: unknown;
  #awaiters: Awaiters | undefined;
  #callbacks: DoneCallbacks<Future<unknown>> | undefined;
  #subscribers: (() => void)[] | undefined;
  #observed = false;
  /** How many wait for it in a way that holds the process. */
  #holders = 0;

  static {
    futureInternals.observe = (future) => {
      future.#observed = true;
    };
    futureInternals.hold = (future) => future.#hold();
    futureInternals.release = (future) => {
      if (future.#state === 'pending' && --future.#holders === 0) future.onReleased();
    };
    futureInternals.outcomeOf = (future, observes = true) => {
      future.#observed ||= observes;
      return future.#outcome;
    };
    futureInternals.subscribe = (future, fn) => {
      if (future.#state === 'pending') (future.#subscribers ??= []).push(fn);
      else fn();
    };
    futureInternals.unsubscribe = (future, fn) => {
      const index = future.#subscribers?.indexOf(fn) ?? -1;
      if (index >= 0) future.#subscribers?.splice(index, 1);
    };
    inspectable(this, (future, options) => {
      const parts = [future.state, ...future.describe()];
      const outcome = future.#outcome;
      if (future.#state === 'done') parts.push(`result=${inspect(outcome, { ...options, depth: 0 })}`);
      if (future.#state === 'failed')
        parts.push(`exception=${outcome instanceof Error ? String(outcome) : inspect(outcome)}`);
      const callbacks = future.#callbacks?.names ?? [];
      if (callbacks.length > 0) parts.push(`cb=[${callbacks.join(', ')}]`);
      return `<${future.kind()} ${parts.join(' ')}>`;
    });
  }

  /** A future and the two functions that settle it; settling it twice changes nothing (asyncio's `loop.create_future`). */
  static withResolvers<T>(): { future: Future<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
    const future = new Future<T>();
    return {
      future,
      resolve: (value) => void future.settleDone(value),
      reject: (error) => void future.settleFailed(error),
    };
  }

  /** Where the work stands; see `FutureState`. */
  get state(): FutureState {
    return this.#state === 'pending' ? this.liveState() : this.#state;
  }

  /** True once the future has its outcome: result, error or cancelled. */
  get done(): boolean {
    return this.#state !== 'pending';
  }

  get cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** The result. Throws the error of a failed future, CancelledError for a cancelled one, InvalidStateError while unfinished. */
  result(): T {
    this.#observed = true;
    if (this.#state === 'done') return this.#outcome as T;
    if (this.#state === 'pending')
      throw new InvalidStateError('Result is not set: the future is unfinished; await it instead');
    throw this.#outcome;
  }

  /**
   * Block this thread, timers and sockets too, until a job of another loop or of a pool has its outcome; give it as `result()` does.
   * Throws TimeoutError after `timeoutMs` milliseconds (default: never; the work goes on, unwatched); LoopCrashedError when the thread has ended;
   * InvalidStateError for what this thread would have to do itself, or (`OFFLOOP_WAIT_CYCLE`) where threads block for each other.
   * @example
   * console.log(loop.run(jobs.fib(20)).resultSync(1000)); // 6765
   */
  resultSync(timeoutMs: number = Infinity): T {
    mustBe('the time of resultSync', timeoutMs, milliseconds);
    this.#observed = true;
    if (this.#state === 'pending') this.waitSync(timeoutMs);
    return this.result();
  }

  /** The error of a failed future, undefined for a result. Throws CancelledError when cancelled, InvalidStateError while unfinished. */
  exception(): unknown {
    this.#observed = true;
    if (this.#state === 'failed') return this.#outcome;
    if (this.#state === 'done') return undefined;
    if (this.#state === 'pending')
      throw new InvalidStateError('Exception is not set: the future is unfinished; await it instead');
    throw this.#outcome;
  }

  /**
   * Ask the work to stop. True: work that had not started never will, and running work has been asked (`'cancelling'`) and
   * ends cancelled unless it catches the CancelledError and goes on. False: it is over. `reason` becomes the `cause`; see also `ForcedCancel`.
   */
  cancel(reason?: unknown): boolean {
    this.#observed = true;
    return this.#state === 'pending' && this.requestCancel(...readCancel(reason));
  }

  /**
   * Call `callback(future)` once it has settled: never synchronously, in the order added, also when added later. What a
   * callback throws becomes an uncaught exception and does not stop the others. A callback does not hold the process.
   */
  addDoneCallback(callback: DoneCallback<T>): void {
    mustBe('the callback of addDoneCallback', callback, aFunction);
    this.#callbacks ??= new DoneCallbacks();
    this.#callbacks.add(callback as DoneCallback<unknown>);
    if (this.#state !== 'pending') this.#callbacks.callSoon(this);
  }

  /** Remove every occurrence of `callback`; returns how many there were. */
  removeDoneCallback(callback: DoneCallback<T>): number {
    return this.#callbacks?.remove(callback as DoneCallback<unknown>) ?? 0;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a lazy thenable is what a future is
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#hold();
    if (this.#state === 'pending') currentAwaiter()?.awaits(this);
    return (this.#asPromise() as Promise<T>).then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  protected kind(): string {
    return 'Future';
  }

  /** What a subclass adds to `util.inspect`, as `name='Task-1'`. */
  protected describe(): string[] {
    return [];
  }

  /** The state of unfinished work. */
  protected liveState(): 'pending' | 'running' | 'cancelling' {
    return 'pending';
  }

  /** Ask unfinished work to stop; see `cancel`. `graceMs` is given for a forced one. */
  protected requestCancel(reason: unknown, _graceMs?: number): boolean {
    return this.settleCancelled(CancelledError.from(reason));
  }

  /** Block until it has settled, or throw. */
  protected waitSync(_timeoutMs: number): void {
    throw new InvalidStateError(`resultSync() of ${inspect(this)}, which this very thread has to settle: await it`);
  }

  /** Somebody awaits the unfinished future: hold what must live until it settles. */
  protected onHeld(): void {}

  /** Nobody awaits it any more, although it is unfinished. */
  protected onReleased(): void {}

  /** The future has just settled; `held` tells whether somebody awaits it. Runs once, before anybody hears of it. */
  protected onSettled(_held: boolean): void {}

  /** It failed and nobody looked by the end of the turn. */
  protected onUnobserved(error: unknown): void {
    void intrinsics.Promise.reject(error);
  }

  protected settleDone(value: T): boolean {
    return this.#settle('done', value);
  }

  protected settleFailed(error: unknown): boolean {
    return this.#settle('failed', error);
  }

  protected settleCancelled(error: CancelledError): boolean {
    return this.#settle('cancelled', error);
  }

  #settle(state: 'done' | 'failed' | 'cancelled', outcome: unknown): boolean {
    if (this.#state !== 'pending') return false;
    this.#state = state;
    this.#outcome = outcome;
    this.onSettled(this.#holders > 0);
    this.#callbacks?.callSoon(this);
    const awaiters = this.#awaiters;
    if (awaiters !== undefined) {
      this.#awaiters = undefined;
      tellAwaiters(awaiters, state !== 'done', outcome);
    }
    const subscribers = this.#subscribers;
    if (subscribers !== undefined) {
      this.#subscribers = undefined;
      for (const each of subscribers) each();
    }
    if (state === 'failed' && !this.#observed) intrinsics.setImmediate(() => this.#reportUnobserved());
    return true;
  }

  #asPromise(): Promise<unknown> {
    if (this.#state !== 'pending') return settledPromise(this.#state !== 'done', this.#outcome);
    const promise = newPromise();
    this.#awaiters = withNewest(this.#awaiters);
    return promise;
  }

  #hold(): void {
    this.#observed = true;
    if (this.#state === 'pending' && this.#holders++ === 0) this.onHeld();
  }

  #reportUnobserved(): void {
    if (!this.#observed) this.onUnobserved(this.#outcome);
  }
}
