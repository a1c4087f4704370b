import type { Clock, ClockTimer } from './clock.ts';

/** An entry of a `TimerQueue`; keep it to remove it. */
export interface TimerEntry {
  readonly at: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

/**
 * Many deadlines behind one timer of the clock. Entries fire in the order of their deadlines, equal ones in the order
 * in which they were added (asyncio leaves those unordered; Node's rule is the better one).
 * A removed entry stays in the heap, empty, until it is due or until more than half of a long heap is empty.
 */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #heap: TimerEntry[] = [];
  readonly #holds: boolean;
  #removed = 0;
  #nextOrder = 0;
  #timer: ClockTimer | undefined;
  #armedFor = Infinity;

  /** `holds`: whether a waiting entry keeps the process (or the thread) alive. */
  constructor(clock: Clock, holds: boolean) {
    this.#clock = clock;
    this.#holds = holds;
  }

  /** Entries that will still fire. */
  get size(): number {
    return this.#heap.length - this.#removed;
  }

  /** Call `fire` when `clock.now()` reaches `at`. */
  add(at: number, fire: () => void): TimerEntry {
    const entry: TimerEntry = { at, order: this.#nextOrder++, fire };
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
    this.#arm();
    return entry;
  }

  /** Take the entry out; false when it has fired or was removed before. */
  remove(entry: TimerEntry): boolean {
    if (entry.fire === undefined) return false;
    entry.fire = undefined;
    this.#removed++;
    if (this.#removed > 64 && this.#removed * 2 > this.#heap.length) this.#purge();
    if (this.size === 0) this.clear();
    return true;
  }

  clear(): void {
    for (const entry of this.#heap) entry.fire = undefined;
    this.#heap.length = 0;
    this.#removed = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }

  /** Milliseconds until the next entry is due, at least 0; Infinity when none waits. For who blocks the clock's timers. */
  msToNext(): number {
    const first = this.#heap[0];
    return first === undefined ? Infinity : Math.max(0, first.at - this.#clock.now());
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at >= this.#armedFor) return;
    this.#timer?.cancel();
    this.#armedFor = first.at;
    this.#timer = this.#clock.setTimer(Math.max(0, Math.ceil(first.at - this.#clock.now())), () => this.fireDue());
    if (!this.#holds) this.#timer.unref();
  }

  /** Fire what is due now: the timer does, and who keeps it from firing may; what is added meanwhile waits for the next round, so that no entry can starve the loop. */
  fireDue(): void {
    const limit = this.#nextOrder;
    // A timer of Node may fire up to a millisecond early by the monotonic clock.
    const now = this.#clock.now() + 1;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = -Infinity;
    try {
      for (
        let first = this.#heap[0];
        first !== undefined && first.at <= now && first.order < limit;
        first = this.#heap[0]
      ) {
        this.#pop();
        const { fire } = first;
        first.fire = undefined;
        if (fire === undefined) this.#removed--;
        else fire();
      }
    } finally {
      this.#armedFor = Infinity;
      this.#arm();
    }
  }

  #purge(): void {
    const live = this.#heap.filter((entry) => entry.fire !== undefined).sort(before);
    this.#heap.length = 0;
    for (const entry of live) this.#heap.push(entry);
    this.#removed = 0;
  }

  #pop(): TimerEntry {
    const first = this.#heap[0] as TimerEntry;
    const last = this.#heap.pop() as TimerEntry;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#siftDown(0);
    }
    return first;
  }

  #siftUp(start: number): void {
    let index = start;
    const entry = this.#heap[index] as TimerEntry;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent] as TimerEntry;
      if (before(above, entry) < 0) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = entry;
  }

  #siftDown(start: number): void {
    let index = start;
    const entry = this.#heap[index] as TimerEntry;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= this.#heap.length) break;
      if (
        child + 1 < this.#heap.length &&
        before(this.#heap[child + 1] as TimerEntry, this.#heap[child] as TimerEntry) < 0
      )
        child++;
      const below = this.#heap[child] as TimerEntry;
      if (before(entry, below) < 0) break;
      this.#heap[index] = below;
      index = child;
    }
    this.#heap[index] = entry;
  }
}

function before(a: TimerEntry, b: TimerEntry): number {
  return a.at - b.at || a.order - b.order;
}
