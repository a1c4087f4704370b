import fc from 'fast-check';
import { Signal, ThreadTable } from 'offloop-internal/link/thread-table.js';
import { expect, test } from 'vitest';

/** A thread that blocks for another, one step at a time; what it waits for never comes, unless the test says so. */
class Sleeper {
  readonly signal: Signal;
  state: 'awake' | 'asleep' | 'gave in' | 'done' = 'awake';
  #count = 0;
  readonly #target: number;

  constructor(table: ThreadTable, thread: number, target: number) {
    this.signal = new Signal(table, table.enter(), thread);
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
        const table = new ThreadTable();
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
  const table = new ThreadTable();
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
  const table = new ThreadTable();
  const a = new Sleeper(table, 1, 2);
  a.note();
  a.fallAsleep();
  table.leave(a.signal.place);
  const b = new Sleeper(table, 2, 1);
  b.note();
  expect(b.fallAsleep()).toBe(undefined);
  expect(b.signal.place).toBe(a.signal.place);
});

test('where all places are taken a thread looks again by itself', () => {
  const table = new ThreadTable();
  while (table.enter() > 0);
  const signal = new Signal(table, table.enter(), 9);
  signal.listen();
  expect(signal.fallAsleep(signal.count, 9)).toBe(undefined);
  expect(signal.sleep(signal.count, 1000)).toBe(false);
  signal.unlisten();
});
