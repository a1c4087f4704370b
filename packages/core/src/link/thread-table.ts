import { availableParallelism } from 'node:os';
import { threadId } from 'node:worker_threads';

import { ThreadBudgetError } from '../base/errors.ts';

/*
 * All threads of a process that know each other have one table in shared memory, with a cache line for each. Place 0 is that of the
 * thread which has made the table: the main thread, or one that offloop has not started. The others are for threads of loops:
 *
 *   owner     the place of the thread that owns it + 1; 0: the place is free
 *   thread    its id + 1; 0: it has not begun yet
 *   rings     counts what it was rung for, in steps of two
 *   waitsFor  the id + 1 of the thread for which it blocks; 0: it does not block, -1: it blocks for any of several
 *   asleep    rings + 1 when it has nothing left to look at: it sleeps until it is rung
 *
 *   free ── enter: compare-and-swap ──► taken ── begin ──► begun ── the thread has ended: it and all that it owned ──► free
 *
 * What follows `rings` is for `Signal`. A thread that ignores its termination keeps its place, as it keeps its memory.
 */
export const Word = { owner: 0, thread: 1, rings: 2, waitsFor: 3, asleep: 4 } as const;
const wordsPerPlace = 16;

/** The threads of a process: how many there may be, pools in jobs in pools included, and where each one stands. */
export class ThreadTable {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  /** The place of this thread. */
  readonly own: number;

  /** `buffer` as another thread has it, and the place of this one, `thread`, which begins. */
  constructor(buffer: SharedArrayBuffer, own: number, thread: number = threadId) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.own = own;
    Atomics.store(this.words, this.at(own) + Word.thread, thread + 1);
  }

  /** A table for so many threads beside this one. */
  static ofSize(limit: number, thread?: number): ThreadTable {
    return new ThreadTable(new SharedArrayBuffer(4 * wordsPerPlace * (limit + 1)), 0, thread);
  }

  get limit(): number {
    return this.words.length / wordsPerPlace - 1;
  }

  /** Take a place for `what`, a thread that this one starts. Throws ThreadBudgetError when there is none. */
  enter(what: string): number {
    for (let place = 1; place <= this.limit; place++)
      if (Atomics.compareExchange(this.words, this.at(place) + Word.owner, 0, this.own + 1) === 0) return place;
    throw new ThreadBudgetError(
      `${what} would be one thread more than the ${this.limit} that the loops of this process may have: close loops, use one pool in place of many, or set OFFLOOP_MAX_THREADS in the environment`,
    );
  }

  /** Has the thread its end of the link? Where it ends before that, it has run nothing of ours, and nobody closes that end. */
  hasBegun(place: number): boolean {
    return Atomics.load(this.words, this.at(place) + Word.thread) !== 0;
  }

  /** The thread has ended, and with it those that it owned. */
  leave(place: number): void {
    for (let each = 1; each <= this.limit; each++)
      if (each !== place && Atomics.load(this.words, this.at(each) + Word.owner) === place + 1) this.leave(each);
    Atomics.store(this.words, this.at(place) + Word.thread, 0);
    Atomics.store(this.words, this.at(place) + Word.waitsFor, 0);
    Atomics.store(this.words, this.at(place) + Word.owner, 0);
  }

  /** The first word of a place. */
  at(place: number): number {
    return place * wordsPerPlace;
  }

  /** The first word of the thread's place; -1 where it has none. */
  find(thread: number): number {
    for (let at = 0; at < this.words.length; at += wordsPerPlace)
      if (Atomics.load(this.words, at + Word.thread) === thread + 1) return at;
    return -1;
  }
}

let table: ThreadTable | undefined;

/** The table of this thread: its owner's, or a new one. */
export function threadTable(): ThreadTable {
  table ??= ThreadTable.ofSize(usualLimit());
  return table;
}

/** The thread has this place in the table of its owner. */
export function joinThreadTable(buffer: SharedArrayBuffer, own: number): void {
  table = new ThreadTable(buffer, own);
}

/** Each thread costs some ten megabytes; beyond so many a program more likely goes round in circles than gets faster. */
function usualLimit(): number {
  const given = Number(process.env['OFFLOOP_MAX_THREADS']);
  if (Number.isInteger(given) && given >= 1 && given <= 10_000) return given;
  return Math.max(64, 16 * availableParallelism());
}
