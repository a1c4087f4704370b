import { threadId as ownThreadId } from 'node:worker_threads';

/*
 * All threads of a process that know each other have one table in shared memory, with a cache line for each:
 *
 *   thread    its id + 1; 0: the place is free, -1: taken for a thread that is yet to start
 *   rings     counts what it was rung for, in steps of two
 *   waitsFor  the id + 1 of the thread for which it blocks; 0: it does not block, -1: it blocks for any of several
 *   asleep    rings + 1 when it has nothing left to look at: it sleeps until it is rung
 *
 * It is asleep exactly while asleep = rings + 1, so who rings it takes it out of every cycle, with one instruction.
 */
const Word = { thread: 0, rings: 1, waitsFor: 2, asleep: 3 } as const;
const wordsPerPlace = 16;
const places = 1024;

/** The places of the threads. Place 0 is none: its first word is the highest place that was ever taken. */
export class ThreadTable {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(places * wordsPerPlace * 4)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
  }

  /** Take a place for a thread that is about to start; 0 when there is none left. */
  enter(): number {
    for (let place = 1; place < places; place++) {
      if (Atomics.compareExchange(this.words, place * wordsPerPlace, 0, -1) !== 0) continue;
      if (place > Atomics.load(this.words, 0)) Atomics.store(this.words, 0, place);
      return place;
    }
    return 0;
  }

  /** The thread at the place has begun: it has its end of the link. */
  begin(place: number, thread: number): void {
    if (place > 0) Atomics.store(this.words, place * wordsPerPlace, thread + 1);
  }

  /** Where it ends before that, it has run nothing of ours, and nobody closes its end of the link. */
  hasBegun(place: number): boolean {
    return place === 0 || Atomics.load(this.words, place * wordsPerPlace) !== -1;
  }

  /** The thread at the place has ended. */
  leave(place: number): void {
    if (place === 0) return;
    Atomics.store(this.words, place * wordsPerPlace + Word.waitsFor, 0);
    Atomics.store(this.words, place * wordsPerPlace, 0);
  }

  /** The first word of the thread's place; -1 where it has none. */
  find(thread: number): number {
    const last = Atomics.load(this.words, 0) * wordsPerPlace;
    for (let at = wordsPerPlace; at <= last; at += wordsPerPlace)
      if (Atomics.load(this.words, at) === thread + 1) return at;
    return -1;
  }
}

/** A thread without a place is not rung: it looks again after so many milliseconds. */
const unrungMs = 5;

/**
 * What a thread sleeps on that blocks until something comes: its event loop does not turn, so no message wakes it. The other
 * side rings after everything that it sends on a port, while the thread blocks; records of a ring lane come with a bell on the
 * port when their reader is parked.
 *
 *   caller: listen ─► notes the count ─► takes in what has arrived, parks its readers ─► fallAsleep ─► sleeps while the count is the same
 *   sender: posts ─► rings where somebody listens
 *
 * Who listens before it looks misses nothing: what was posted without a ring had arrived when it looked.
 *
 * Threads that block for each other would sleep for ever. Each one looks for that when it has fallen asleep, so the last of them
 * finds the whole cycle; the one with the highest id gives in. Who finds the cycle and is another one wakes that one to look
 * itself. A cycle counts only while all of it sleeps: what has been sent was rung for, since a thread sends all it has before it sleeps.
 */
export class Signal {
  readonly place: number;
  readonly #table: ThreadTable;
  readonly #thread: number;
  readonly #at: number;

  /** `thread` is the one that sleeps on it; who rings it need not know. */
  constructor(table: ThreadTable, place: number, thread: number = ownThreadId) {
    this.#table = table;
    this.#thread = thread;
    this.place = place;
    this.#at = place * wordsPerPlace;
  }

  /** Sender: something was sent. */
  ring(): void {
    if (this.place > 0 && this.#load(this.#at, Word.waitsFor) !== 0) this.#ring(this.#at);
  }

  /** This thread is going to block. */
  listen(): void {
    if (this.place === 0) return;
    const { words } = this.#table;
    Atomics.store(words, this.#at, this.#thread + 1);
    // A cycle that was seen before is another one.
    Atomics.add(words, this.#at + Word.rings, 2);
    Atomics.store(words, this.#at + Word.waitsFor, -1);
  }

  unlisten(): void {
    if (this.place === 0) return;
    Atomics.store(this.#table.words, this.#at + Word.asleep, 0);
    Atomics.store(this.#table.words, this.#at + Word.waitsFor, 0);
  }

  /** Changes each time it is rung. */
  get count(): number {
    return this.place === 0 ? 0 : this.#load(this.#at, Word.rings);
  }

  /**
   * Nothing is left to look at before thread `target` sends something (undefined: any of several). Returns the threads of a cycle,
   * this one first, when it is this one that has to give in.
   */
  fallAsleep(count: number, target: number | undefined): readonly number[] | undefined {
    if (this.place === 0) return undefined;
    Atomics.store(this.#table.words, this.#at + Word.waitsFor, target === undefined ? -1 : target + 1);
    Atomics.store(this.#table.words, this.#at + Word.asleep, (count + 1) | 0);
    const cycle = this.#findCycle();
    if (cycle === undefined) return undefined;
    const loser = Math.max(...cycle);
    if (loser === this.#thread) return cycle;
    this.#ring(this.#table.find(loser));
    return undefined;
  }

  /** Block this thread until it is rung, unless it was since `count` was read; false when `ms` milliseconds went by before. */
  sleep(count: number, ms: number): boolean {
    const { words } = this.#table;
    if (this.place === 0) {
      Atomics.wait(words, Word.rings, 0, Math.min(ms, unrungMs));
      return false;
    }
    const isRung = Atomics.wait(words, this.#at + Word.rings, count, ms) !== 'timed-out';
    Atomics.store(words, this.#at + Word.asleep, 0);
    return isRung;
  }

  #load(at: number, word: number): number {
    return Atomics.load(this.#table.words, at + word);
  }

  #ring(at: number): void {
    if (at < 0) return;
    Atomics.add(this.#table.words, at + Word.rings, 2);
    Atomics.notify(this.#table.words, at + Word.rings);
  }

  /** Looked at twice: what is the same both times was so at one moment in between. */
  #findCycle(): readonly number[] | undefined {
    const once = this.#collect();
    if (once === undefined) return undefined;
    const again = this.#collect();
    const isSame = again?.every((word, index) => word === once[index]) === true && again.length === once.length;
    return isSame ? once.filter((_, index) => index % 2 === 0) : undefined;
  }

  /** The threads of the cycle, each with the count at which it sleeps; undefined when there is none. */
  #collect(): readonly number[] | undefined {
    const found: number[] = [];
    let at = this.#at;
    let thread = this.#thread;
    do {
      const asleep = this.#load(at, Word.asleep);
      if (asleep !== ((this.#load(at, Word.rings) + 1) | 0)) return undefined;
      found.push(thread, asleep);
      thread = this.#load(at, Word.waitsFor) - 1;
      if (thread < 0) return undefined;
      at = this.#table.find(thread);
      if (at < 0 || found.length > 2 * places) return undefined;
    } while (thread !== this.#thread);
    return found;
  }
}

let table: ThreadTable | undefined;
let own: Signal | undefined;

/** The table of this thread: its owner's, or a new one. */
export function threadTable(): ThreadTable {
  table ??= new ThreadTable();
  return table;
}

/** The thread is one of a table from now on. */
export function joinThreadTable(buffer: SharedArrayBuffer, place: number): void {
  table = new ThreadTable(buffer);
  table.begin(place, ownThreadId);
  own = new Signal(table, place);
}

/** What this thread sleeps on. */
export function ownSignal(): Signal {
  own ??= new Signal(threadTable(), threadTable().enter());
  return own;
}
