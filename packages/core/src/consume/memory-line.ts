import type { Putter } from '../asyncio/queue.ts';
import type { Clock } from '../base/clock.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import { deadLetter } from './dead-letter.ts';
import type { Message } from './message-store.ts';
import type { DeadLetter, DeadReason } from './source.ts';

/** Somebody who takes messages: an intake of the queue. */
export interface Taker<T> {
  readonly wanted: number;
  take(message: Message<T>): void;
}

/*
 *   put ──► waiting ──────────── a taker wants one ──► held ── acknowledge ──► gone
 *            ▲  ▲                                       │ │ └─ bury ──► dead (the oldest are forgotten)
 *            │  └── at the front ◄─── give back ────────┘ │
 *            └── delayed ◄─────────── retry ──────────────┘
 *
 * What waits, is delayed or held counts against the limit, so that there is always room for what comes back.
 */

/** The messages of a memory queue, and who takes them. It knows a clock and no threads. */
export class MemoryLine<T> {
  readonly #limit: number;
  readonly #deadLimit: number;
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #waiting = new RingBuffer<Message<T>>();
  /** Given back: they go first, in the order in which they came back. */
  readonly #returned = new RingBuffer<Message<T>>();
  readonly #dead = new RingBuffer<DeadLetter<T>>();
  readonly #takers: Taker<T>[] = [];
  /** Who waits for room. */
  readonly putters: RingBuffer<Putter<Message<T>>> = new RingBuffer();
  #held = 0;
  #forgotten = 0;
  #dispatching = false;
  #whenEmpty: (() => void)[] = [];

  constructor(limit: number, deadLimit: number, clock: Clock) {
    this.#limit = limit;
    this.#deadLimit = deadLimit;
    this.#clock = clock;
    this.#timers = new TimerQueue(clock, false);
  }

  get waiting(): number {
    return this.#waiting.size + this.#returned.size;
  }

  get delayed(): number {
    return this.#timers.size;
  }

  get held(): number {
    return this.#held;
  }

  get size(): number {
    return this.waiting + this.delayed + this.#held;
  }

  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  /** Dead letters that made room for later ones. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get dead(): number {
    return this.#dead.size;
  }

  put(message: Message<T>): void {
    this.#waiting.push(message);
    this.dispatch();
  }

  /** Call `fn` once when nothing is here any more, and nobody waits for room. */
  whenEmpty(fn: () => void): void {
    this.#whenEmpty.push(fn);
    this.#tellEmpty();
  }

  enter(taker: Taker<T>): void {
    this.#takers.push(taker);
  }

  leave(taker: Taker<T>): void {
    const index = this.#takers.indexOf(taker);
    if (index >= 0) this.#takers.splice(index, 1);
  }

  /** Hand out what waits to who wants it, each a message at a time. */
  dispatch(): void {
    // Who takes a message may settle it, or put in another, at once: the loop below sees that.
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let taker = this.#nextTaker(); taker !== undefined && this.waiting > 0; taker = this.#nextTaker()) {
        const message = this.#returned.shift() ?? this.#waiting.shift();
        this.#held++;
        taker.take(message as Message<T>);
      }
    } finally {
      this.#dispatching = false;
    }
  }

  acknowledge(): void {
    this.#held--;
    this.#makeRoom();
  }

  bury(message: Message<T>, reason: DeadReason, error: unknown): void {
    this.#held--;
    this.#dead.push(deadLetter(message, reason, error));
    if (this.#dead.size > this.#deadLimit) {
      this.#dead.shift();
      this.#forgotten++;
    }
    this.#makeRoom();
  }

  retry(message: Message<T>, delayMs: number): void {
    const again = { ...message, attempt: message.attempt + 1 };
    this.#held--;
    if (delayMs > 0) this.#timers.add(this.#clock.now() + delayMs, () => this.put(again));
    else this.put(again);
  }

  giveBack(message: Message<T>): void {
    this.#held--;
    this.#returned.push({ ...message });
    this.dispatch();
  }

  takeDead(): DeadLetter<T>[] {
    const letters = [...this.#dead];
    this.#dead.clear();
    return letters;
  }

  #nextTaker(): Taker<T> | undefined {
    const index = this.#takers.findIndex(({ wanted }) => wanted > 0);
    if (index < 0) return undefined;
    const [taker] = this.#takers.splice(index, 1);
    this.#takers.push(taker as Taker<T>);
    return taker;
  }

  #makeRoom(): void {
    while (!this.isFull) {
      const putter = this.putters.shift();
      if (putter === undefined) break;
      if (putter.admit()) this.put(putter.item);
    }
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    if (this.size > 0 || this.putters.size > 0) return;
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }
}
