import { availableParallelism } from 'node:os';

import { ThreadBudgetError } from '../base/errors.ts';

/*
 * One word for each thread that a loop of this process may have, shared by all its threads: 0 while the place is free, else one
 * more than the place of the thread that owns it. Place 0 is the main thread, or one that offloop has not started.
 *
 *   free ── enter: compare-and-swap ──► taken ── the thread has ended: it and all that it owned ──► free
 *
 * A thread that ignores its termination keeps its place, as it keeps its memory.
 */
/** How many threads the loops of this process have, all pools in jobs in pools included, and how many they may have. */
export class ThreadBudget {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #own: number;

  /** `buffer` as another thread has it, and the place of this one. */
  constructor(buffer: SharedArrayBuffer, own: number) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#own = own;
  }

  static ofSize(limit: number): ThreadBudget {
    return new ThreadBudget(new SharedArrayBuffer(4 * (limit + 1)), 0);
  }

  get limit(): number {
    return this.#words.length - 1;
  }

  get used(): number {
    let used = 0;
    for (let place = 1; place <= this.limit; place++) if (Atomics.load(this.#words, place) !== 0) used++;
    return used;
  }

  /** A place for a thread that this one starts for `what`. Throws ThreadBudgetError when there is none. */
  enter(what: string): number {
    for (let place = 1; place <= this.limit; place++)
      if (Atomics.compareExchange(this.#words, place, 0, this.#own + 1) === 0) return place;
    throw new ThreadBudgetError(
      `${what} would be one thread more than the ${this.limit} that the loops of this process may have: close loops, use one pool in place of many, or set OFFLOOP_MAX_THREADS in the environment`,
    );
  }

  /** The thread has ended, and with it those that it owned. */
  leave(place: number): void {
    for (let each = 1; each <= this.limit; each++)
      if (each !== place && Atomics.load(this.#words, each) === place + 1) this.leave(each);
    Atomics.store(this.#words, place, 0);
  }
}

let budget: ThreadBudget | undefined;

/** The budget of this process. */
export function threadBudget(): ThreadBudget {
  budget ??= ThreadBudget.ofSize(usualLimit());
  return budget;
}

/** A thread of a loop shares the budget of its owner. */
export function shareThreadBudget(buffer: SharedArrayBuffer, own: number): void {
  budget = new ThreadBudget(buffer, own);
}

/** Each thread costs some ten megabytes; beyond so many a program more likely goes round in circles than gets faster. */
function usualLimit(): number {
  const given = Number(process.env['OFFLOOP_MAX_THREADS']);
  if (Number.isInteger(given) && given >= 1 && given <= 10_000) return given;
  return Math.max(64, 16 * availableParallelism());
}
