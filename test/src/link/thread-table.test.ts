import fc from 'fast-check';
import { ThreadBudgetError } from 'offloop-internal/base/errors.js';
import { Signal } from 'offloop-internal/link/signal.js';
import { ThreadTable } from 'offloop-internal/link/thread-table.js';
import { expect, test } from 'vitest';

/** None of the others. */
const owner = 1000;

/** A thread starts another one, which takes its place. */
function begin(table: ThreadTable, thread: number): number {
  return new ThreadTable(table.buffer, table.enter(`thread ${thread}`), thread).own;
}

/** A thread that blocks for another, one step at a time; what it waits for never comes, unless the test says so. */
class Sleeper {
  readonly place: number;
  readonly signal: Signal;
  state: 'awake' | 'asleep' | 'gave in' | 'done' = 'awake';
  #count = 0;
  readonly #target: number;

  constructor(table: ThreadTable, thread: number, target: number) {
    this.place = begin(table, thread);
    this.signal = new Signal(table, this.place);
    this.#target = target;
    this.signal.listen();
  }

  /** Look, as `block` does: at the count, then (another step) at the others. */
  note(): void {
    if (this.state === 'asleep' && this.signal.count !== this.#count) this.state = 'awake';
    if (this.state === 'awake') this.#count = this.signal.count;
  }

  fallAsleep(): readonly number[] | undefined {
    if (this.state !== 'awake') return undefined;
    const cycle = this.signal.fallAsleep(this.#count, this.#target);
    this.state = cycle !== undefined ? 'gave in' : this.signal.count === this.#count ? 'asleep' : 'awake';
    if (cycle !== undefined) this.signal.unlisten();
    return cycle;
  }

  get isMoving(): boolean {
    return this.state === 'awake' || (this.state === 'asleep' && this.signal.count !== this.#count);
  }
}

/** The threads on the cycle that `start` leads to, if it leads to one. */
function cycleFrom(start: number, targets: readonly number[]): number[] {
  const path: number[] = [];
  for (let at = start; !path.includes(at); at = targets[at] as number) path.push(at);
  const last = targets[path.at(-1) as number] as number;
  return path.slice(path.indexOf(last));
}

test('of each cycle the highest gives in, whatever the order of their steps; nobody else does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }).chain((threads) =>
        fc.record({
          targets: fc.array(fc.integer({ min: 0, max: threads }), { minLength: threads, maxLength: threads }),
          steps: fc.array(fc.tuple(fc.integer({ min: 0, max: threads - 1 }), fc.boolean()), { maxLength: 60 }),
        }),
      ),
      ({ targets, steps }) => {
        const table = ThreadTable.ofSize(8, owner);
        // Thread `targets.length` blocks for nobody.
        const all = targets.map((target, thread) => new Sleeper(table, thread, target));
        const seen = new Map<number, readonly number[]>();
        const step = (thread: number, notes: boolean): void => {
          const sleeper = all[thread] as Sleeper;
          if (notes) sleeper.note();
          else {
            const cycle = sleeper.fallAsleep();
            if (cycle !== undefined) seen.set(thread, cycle);
          }
        };
        for (const [thread, notes] of steps) step(thread, notes);
        for (let rounds = 0; all.some(({ isMoving }) => isMoving) && rounds < 100; rounds++)
          for (const thread of all.keys()) {
            step(thread, true);
            step(thread, false);
          }
        const free = targets.length;
        const losers = new Set<number>();
        for (const thread of targets.keys()) {
          const path = [...targets, free];
          const cycle = cycleFrom(thread, path);
          if (!cycle.includes(free)) losers.add(Math.max(...cycle));
        }
        expect(new Set(seen.keys())).toEqual(losers);
        for (const [thread, cycle] of seen)
          expect(new Set(cycle)).toEqual(new Set(cycleFrom(thread, [...targets, free])));
        expect(all.filter(({ state }) => state === 'awake')).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a thread that was rung is in no cycle: what it waits for may have come', () => {
  const table = ThreadTable.ofSize(8, owner);
  const a = new Sleeper(table, 1, 2);
  const b = new Sleeper(table, 2, 1);
  a.note();
  a.fallAsleep();
  b.note();
  a.signal.ring();
  expect(b.fallAsleep()).toBe(undefined);
  expect(b.state).toBe('asleep');
  // It had not come after all.
  a.note();
  expect(a.fallAsleep()).toBe(undefined);
  b.note();
  expect(b.fallAsleep()).toEqual([2, 1]);
});

test('a thread that ends while it blocks leaves its place, which counts for nobody any more', () => {
  const table = ThreadTable.ofSize(8, owner);
  const a = new Sleeper(table, 1, 2);
  a.note();
  a.fallAsleep();
  table.leave(a.place);
  const b = new Sleeper(table, 2, 1);
  b.note();
  expect(b.fallAsleep()).toBe(undefined);
  expect(b.place).toBe(a.place);
});

test('there are so many places and no more, and a thread that ends gives back its own and those that it has taken', () => {
  const table = ThreadTable.ofSize(4, owner);
  const child = new ThreadTable(table.buffer, table.enter('a child'), 1);
  const grandchild = new ThreadTable(table.buffer, child.enter('a grandchild'), 2);
  const places = [grandchild.enter('one more'), table.enter('the last')];
  expect([child.own, grandchild.own, ...places]).toEqual([1, 2, 3, 4]);
  const error = (() => {
    try {
      return grandchild.enter('one too many');
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(ThreadBudgetError);
  expect((error as Error).message).toMatch(/^one too many would be one thread more than the 4 that/);
  table.leave(child.own);
  expect([1, 2, 3].map(() => table.enter('another'))).toEqual([1, 2, 3]);
  expect(() => table.enter('another')).toThrow(ThreadBudgetError);
});

test('a thread has begun when it has taken its place, and is found there until it has ended', () => {
  const table = ThreadTable.ofSize(2, owner);
  const place = table.enter('a thread');
  expect([table.hasBegun(place), table.find(7)]).toEqual([false, -1]);
  expect(new ThreadTable(table.buffer, place, 7).own).toBe(place);
  expect([table.hasBegun(place), table.find(7), table.find(owner)]).toEqual([true, table.at(place), table.at(0)]);
  table.leave(place);
  expect(table.find(7)).toBe(-1);
});
