import type { Awaitable } from './ambient.ts';

/** What one task awaits, in the order in which it began to: mostly one thing at a time. */
export class Awaited {
  #list: Awaitable[] = [];
  /** Those that are done are dropped when there are so many; twice as many each time, so that it costs nothing an await. */
  #compactAt = 16;

  add(future: Awaitable): void {
    const last = this.#list.length - 1;
    // One await after the other: the list stays at one, and keeps no results alive.
    if (last >= 0 && this.#list[last]?.done === true) {
      this.#list[last] = future;
      return;
    }
    if (this.#list.length >= this.#compactAt) {
      this.#list = this.#list.filter((each) => !each.done);
      this.#compactAt = Math.max(16, this.#list.length * 2);
    }
    this.#list.push(future);
  }

  /** The first that is not done. */
  get unfinished(): Awaitable | undefined {
    return this.#list.find((each) => !each.done);
  }

  /** Cancel all; returns whether any accepted. */
  cancel(reason: unknown): boolean {
    let accepted = false;
    for (const each of this.#list) accepted = each.cancel(reason) || accepted;
    return accepted;
  }
}
