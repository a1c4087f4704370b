import { ensureFuture } from '../asyncio/ensure-future.ts';
import { Future, futureInternals } from '../asyncio/future.ts';
import type { BagItem } from '../base/bag.ts';
import { CancelledError, TimeoutError } from '../base/errors.ts';
import { LazySignal } from '../base/lazy-signal.ts';
import type { TimerEntry, TimerQueue } from '../base/timer-queue.ts';
import type { ConsumeDelivery, Delivery } from './source.ts';

/** What a call needs of its surroundings. */
export interface JobCallHost {
  readonly timers: TimerQueue;
  now(): number;
  /** A job whose time is over did not end by that: +1, and -1 when it has after all. */
  zombies(change: 1 | -1): void;
  /** The call has settled, and its handler waits for what becomes of the delivery. */
  ended(call: JobCall<unknown>, handled: Handled): void;
}

/** What a handler has promised, and when. */
export interface Handled {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly began: number;
}

/** So long a job may take to end after its time is over; then its message is failed without it. */
const cancelMs = 1000;

/*
 *   waiting ── follow ──► followed ── the work settles ─────────────────────────► settled
 *     │ cancel              │ cancel: the work is cancelled, and decides             ▲
 *     │                     │ the time is over: the work is cancelled                │
 *     │                     └──► expired ── the work settles, or a second later ─────┤ TimeoutError, or its result
 *     └──────────────────────────────────────────────────────────────────────────────┘ cancelled
 */

/** The job of one delivery, wherever it runs: a future that is cancelled with it, and has a time limit where nobody else sets it. */
export class JobCall<T> extends Future<unknown> implements BagItem {
  bagPlace = -1;
  bagOrder = 0;
  readonly delivery: JobDelivery<T>;
  readonly #host: JobCallHost;
  #work: Future<unknown> | undefined;
  #timer: TimerEntry | undefined;
  #expired: TimeoutError | undefined;
  #asked: CancelledError | undefined;
  #isZombie = false;
  #handled: Handled | undefined;
  /** Why the delivery was taken from it. */
  aborted: unknown;

  constructor(delivery: Delivery<T>, host: JobCallHost) {
    super();
    this.delivery = new JobDelivery(delivery);
    this.#host = host;
  }

  /** It is called for a handler, which is told how it ended: also where it has. */
  handle(handled: Handled): void {
    this.#handled = handled;
    if (this.done) this.#host.ended(this, handled);
  }

  /** It was asked to stop. */
  get wasAsked(): boolean {
    return this.#asked !== undefined;
  }

  /** Its time begins; not where the executor limits it by itself. */
  limit(ms: number): void {
    if (ms !== Infinity) this.#timer = this.#host.timers.add(this.#host.now() + ms, () => this.#expire(ms));
  }

  unlimit(): void {
    if (this.#timer !== undefined) this.#host.timers.remove(this.#timer);
    this.#timer = undefined;
  }

  /** What the work settles with is what the call settles with. `again` may follow other work instead: then it gives true. */
  follow(awaitable: PromiseLike<unknown>, again?: (error: unknown) => boolean): void {
    const work = ensureFuture(awaitable);
    this.#work = work;
    futureInternals.hold(work);
    futureInternals.subscribe(work, () => this.#workSettled(work, again));
    if (this.#asked !== undefined) work.cancel(this.#asked);
  }

  /** The work could not even begin. */
  fail(error: unknown): void {
    this.settleFailed(error);
  }

  protected override kind(): string {
    return 'JobCall';
  }

  protected override requestCancel(reason: unknown): boolean {
    const error = CancelledError.from(reason);
    this.#asked ??= error;
    this.delivery.abort(error);
    if (this.#work === undefined || this.#work.done) return this.settleCancelled(error);
    return this.#work.cancel(error);
  }

  protected override onSettled(_held: boolean): void {
    this.unlimit();
    futureInternals.observe(this);
    if (this.#handled !== undefined) this.#host.ended(this, this.#handled);
  }

  #expire(ms: number): void {
    const { name, id } = this.delivery;
    this.#expired = new TimeoutError(`the job for message ${id} of ${name} was not done within ${ms} ms`);
    this.delivery.abort(this.#expired);
    if (this.#work?.cancel(this.#expired) !== true || this.done) {
      this.settleFailed(this.#expired);
      return;
    }
    this.#timer = this.#host.timers.add(this.#host.now() + cancelMs, () => {
      this.#isZombie = true;
      this.#host.zombies(1);
      this.settleFailed(this.#expired);
    });
  }

  #workSettled(work: Future<unknown>, again: ((error: unknown) => boolean) | undefined): void {
    // It has ended after all, long after its time.
    if (this.#isZombie) this.#host.zombies(-1);
    if (this.done) return;
    const outcome = futureInternals.outcomeOf(work);
    if (work.state === 'done') this.settleDone(outcome);
    else if (this.#expired !== undefined) this.settleFailed(this.#expired);
    else if (work.state === 'cancelled') this.settleCancelled(CancelledError.from(outcome));
    else if (this.#asked !== undefined || again?.(outcome) !== true) this.settleFailed(outcome);
  }
}

/** A delivery as its job sees it: the signal aborts with every cancel of the job. */
export class JobDelivery<T> implements ConsumeDelivery<T> {
  readonly id: string;
  readonly name: string;
  readonly data: T;
  readonly attempt: number;
  readonly own: Delivery<T>;
  readonly #cancelled = new LazySignal();

  constructor(delivery: Delivery<T>) {
    this.id = delivery.id;
    this.name = delivery.name;
    this.data = delivery.data;
    this.attempt = delivery.attempt;
    this.own = delivery;
  }

  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  extend(): Promise<void> {
    return this.own.extend();
  }

  abort(reason: Error): void {
    this.#cancelled.abort(reason);
  }
}
