import type { Clock } from '../base/clock.ts';
import type { JobKind } from './job-kind.ts';

/**
 * Measures how long the calls of one loop have its thread, from outside: the time from one group of replies to the next,
 * shared out among the calls of the group. The clock is read once a group, so a flood of small calls costs next to nothing,
 * and many replies that were taken in at once do not count as calls that took no time.
 */
export class Meter {
  readonly #clock: Clock;
  /** Call `fn` when the replies that have arrived together are taken in. */
  readonly #afterGroup: (fn: () => void) => void;
  #since = 0;
  #group: JobKind[] = [];

  constructor(clock: Clock, afterGroup: (fn: () => void) => void) {
    this.#clock = clock;
    this.#afterGroup = afterGroup;
  }

  /** A loop that had nothing to do is given a call. */
  begin(): void {
    this.#since = this.#clock.now();
  }

  /** A call is over that had the thread until now. */
  over(kind: JobKind): void {
    // Where it awaits, the time until its reply says nothing.
    if (kind.awaits) return;
    this.#group.push(kind);
    if (this.#group.length === 1) this.#afterGroup(() => this.#learn());
  }

  #learn(): void {
    const group = this.#group;
    this.#group = [];
    const now = this.#clock.now();
    const us = ((now - this.#since) * 1000) / group.length;
    this.#since = now;
    for (const kind of group) kind.learnUntilFree(us);
  }
}
