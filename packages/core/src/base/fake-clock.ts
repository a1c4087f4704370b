import type { Clock, ClockTimer } from './clock.ts';

interface Entry {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock for tests: time stands still until `advance` moves it, and timers fire in the order of their deadlines. */
export class FakeClock implements Clock {
  #now: number;
  readonly #entries: Entry[] = [];

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#entries.length;
  }

  setTimer(ms: number, fire: () => void): ClockTimer {
    const entry: Entry = { at: this.#now + Math.max(0, ms), fire };
    const index = this.#entries.findIndex((each) => each.at > entry.at);
    this.#entries.splice(index === -1 ? this.#entries.length : index, 0, entry);
    const cancel = (): void => {
      const at = this.#entries.indexOf(entry);
      if (at >= 0) this.#entries.splice(at, 1);
    };
    return { cancel, ref() {}, unref() {} };
  }

  /** Move on by `ms` milliseconds and fire what comes due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#entries[0]; next !== undefined && next.at <= end; next = this.#entries[0]) {
      this.#entries.shift();
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    // A timer may have moved the clock on itself.
    this.#now = Math.max(this.#now, end);
  }
}
