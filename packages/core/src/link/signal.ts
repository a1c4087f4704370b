import { ThreadTable, threadTable, Word } from './thread-table.ts';

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
 *
 * A thread is asleep exactly while asleep = rings + 1, so who rings it takes it out of every cycle, with one instruction.
 */
export class Signal {
  readonly #table: ThreadTable;
  readonly #at: number;

  /** The one of the thread at this place. */
  constructor(table: ThreadTable, place: number) {
    this.#table = table;
    this.#at = table.at(place);
  }

  /** Sender: something was sent. */
  ring(): void {
    if (this.#load(this.#at, Word.waitsFor) !== 0) this.#ring(this.#at);
  }

  /** This thread is going to block. */
  listen(): void {
    const { words } = this.#table;
    // A cycle that was seen before is another one.
    Atomics.add(words, this.#at + Word.rings, 2);
    Atomics.store(words, this.#at + Word.waitsFor, -1);
  }

  unlisten(): void {
    Atomics.store(this.#table.words, this.#at + Word.asleep, 0);
    Atomics.store(this.#table.words, this.#at + Word.waitsFor, 0);
  }

  /** Changes each time it is rung. */
  get count(): number {
    return this.#load(this.#at, Word.rings);
  }

  /**
   * Nothing is left to look at before thread `target` sends something (undefined: any of several). Returns the threads of a cycle,
   * this one first, when it is this one that has to give in.
   */
  fallAsleep(count: number, target: number | undefined): readonly number[] | undefined {
    Atomics.store(this.#table.words, this.#at + Word.waitsFor, target === undefined ? -1 : target + 1);
    Atomics.store(this.#table.words, this.#at + Word.asleep, (count + 1) | 0);
    const cycle = this.#findCycle();
    if (cycle === undefined) return undefined;
    const loser = Math.max(...cycle);
    if (loser === cycle[0]) return cycle;
    this.#ring(this.#table.find(loser));
    return undefined;
  }

  /** Block this thread until it is rung, unless it was since `count` was read; false when `ms` milliseconds went by before. */
  sleep(count: number, ms: number): boolean {
    const { words } = this.#table;
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
    do {
      const asleep = this.#load(at, Word.asleep);
      if (asleep !== ((this.#load(at, Word.rings) + 1) | 0)) return undefined;
      found.push(this.#load(at, Word.thread) - 1, asleep);
      const target = this.#load(at, Word.waitsFor) - 1;
      if (target < 0) return undefined;
      at = this.#table.find(target);
      if (at < 0 || found.length > 2 * (this.#table.limit + 1)) return undefined;
    } while (at !== this.#at);
    return found;
  }
}

let own: Signal | undefined;

/** What this thread sleeps on. */
export function ownSignal(): Signal {
  own ??= new Signal(threadTable(), threadTable().own);
  return own;
}
