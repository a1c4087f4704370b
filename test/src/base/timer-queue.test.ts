import fc from 'fast-check';
import { maxTimeoutMs, systemClock } from 'offloop-internal/base/clock.js';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { intrinsics } from 'offloop-internal/base/intrinsics.js';
import { TimerQueue, type TimerEntry } from 'offloop-internal/base/timer-queue.js';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => void vi.useRealTimers());

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly entry: TimerEntry;
}

test('entries fire in the order of their deadlines, equal ones in the order in which they were added, removed ones never', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), n: fc.integer({ min: -3, max: 30 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), n: fc.nat(1000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), n: fc.nat(8) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const clock = new FakeClock();
      const queue = new TimerQueue(clock, false);
      const fired: number[] = [];
      const all: Planned[] = [];
      let waiting: Planned[] = [];
      for (const { do: what, n } of steps) {
        if (what === 'add') {
          const order = all.length;
          const planned = { at: clock.now() + n, order, entry: queue.add(clock.now() + n, () => fired.push(order)) };
          all.push(planned);
          waiting.push(planned);
        } else if (what === 'remove' && all.length > 0) {
          const target = all[n % all.length] as Planned;
          expect(queue.remove(target.entry)).toBe(waiting.includes(target));
          waiting = waiting.filter((each) => each !== target);
        } else if (what === 'advance') {
          const now = clock.now() + n;
          // What fires early fires at most a millisecond early.
          const before = fired.length;
          clock.advance(n);
          const due = waiting
            .filter(({ order }) => fired.includes(order, before))
            .sort((a, b) => a.at - b.at || a.order - b.order);
          expect(fired.slice(before)).toEqual(due.map(({ order }) => order));
          for (const each of due) expect(each.at).toBeLessThanOrEqual(now + 1);
          waiting = waiting.filter((each) => !due.includes(each));
          for (const each of waiting) expect(each.at).toBeGreaterThan(now);
        }
        expect(queue.size).toBe(waiting.length);
      }
      clock.advance(100);
      expect(queue.size).toBe(0);
      expect(clock.pending).toBe(0);
      expect(new Set(fired).size).toBe(fired.length);
    }),
    { numRuns: 400 },
  );
});

test('thousands of removed entries are purged, and those that are left keep their order', () => {
  const clock = new FakeClock();
  const queue = new TimerQueue(clock, false);
  const fired: number[] = [];
  const entries = Array.from({ length: 2000 }, (_, i) =>
    queue.add(clock.now() + ((i * 7919) % 500), () => fired.push((i * 7919) % 500)),
  );
  for (const [i, entry] of entries.entries()) if (i % 10 !== 0) queue.remove(entry);
  expect(queue.size).toBe(200);
  clock.advance(1000);
  expect(fired).toEqual([...fired].sort((a, b) => a - b));
  expect(fired).toHaveLength(200);
});

test('an entry that is added while others fire waits for the next round, so that none can starve the loop', () => {
  const clock = new FakeClock();
  const queue = new TimerQueue(clock, false);
  const fired: string[] = [];
  queue.add(clock.now() + 5, () => {
    fired.push('first');
    queue.add(clock.now(), () => fired.push('added'));
  });
  queue.add(clock.now() + 5, () => fired.push('second'));
  clock.advance(5);
  expect(fired).toEqual(['first', 'second', 'added']);
});

test('an entry can remove one that is due in the same round, and itself', () => {
  const clock = new FakeClock();
  const queue = new TimerQueue(clock, false);
  const fired: string[] = [];
  const first: TimerEntry = queue.add(clock.now() + 1, () => {
    fired.push('first');
    expect(queue.remove(first)).toBe(false);
    expect(queue.remove(second)).toBe(true);
    queue.add(clock.now() + 3, () => fired.push('third'));
  });
  const second = queue.add(clock.now() + 1, () => fired.push('second'));
  clock.advance(10);
  expect(fired).toEqual(['first', 'third']);
});

test('an entry that throws does not keep the others from firing', () => {
  const clock = new FakeClock();
  const queue = new TimerQueue(clock, false);
  const fired: string[] = [];
  queue.add(clock.now() + 1, () => {
    throw new Error('thrown by an entry');
  });
  queue.add(clock.now() + 1, () => fired.push('second'));
  expect(() => clock.advance(1)).toThrow('thrown by an entry');
  clock.advance(1);
  expect(fired).toEqual(['second']);
});

test('one timer of the clock serves all entries, and none is left when nothing waits', () => {
  const clock = new FakeClock();
  const queue = new TimerQueue(clock, false);
  const entries = [30, 10, 20].map((ms) => queue.add(clock.now() + ms, () => {}));
  expect(clock.pending).toBe(1);
  for (const entry of entries) queue.remove(entry);
  expect(clock.pending).toBe(0);
  queue.add(clock.now() + 1, () => {});
  queue.clear();
  expect(clock.pending).toBe(0);
});

test('a timer beyond the 24.8 days of setTimeout fires at its time and not before', () => {
  const { setTimeout: real, clearTimeout: realClear } = intrinsics;
  vi.useFakeTimers();
  // The library captured setTimeout when it loaded.
  Object.assign(intrinsics, { setTimeout, clearTimeout });
  try {
    const fired = vi.fn();
    const cancelled = vi.fn();
    const ms = 3 * maxTimeoutMs + 5;
    systemClock.setTimer(ms, fired);
    const second = systemClock.setTimer(ms, cancelled);
    const endless = systemClock.setTimer(Infinity, cancelled);
    vi.advanceTimersByTime(2 * maxTimeoutMs);
    second.cancel();
    vi.advanceTimersByTime(maxTimeoutMs + 4);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5 * maxTimeoutMs);
    expect(cancelled).not.toHaveBeenCalled();
    endless.cancel();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    Object.assign(intrinsics, { setTimeout: real, clearTimeout: realClear });
  }
});

test('the clock is monotonic, in milliseconds, and timers that were cancelled do not fire', async () => {
  const start = systemClock.now();
  const fired: string[] = [];
  systemClock.setTimer(1, () => fired.push('cancelled')).cancel();
  await new Promise<void>((resolve) => systemClock.setTimer(3, resolve));
  const elapsed = systemClock.now() - start;
  expect(elapsed).toBeGreaterThanOrEqual(1.9);
  expect(elapsed).toBeLessThan(5000);
  expect(fired).toEqual([]);
});

test('the fake clock never goes back, also when a timer moves it on itself', () => {
  const clock = new FakeClock(0);
  const seen: number[] = [];
  clock.setTimer(5, () => clock.advance(100));
  clock.setTimer(6, () => seen.push(clock.now()));
  clock.advance(10);
  expect(clock.now()).toBe(105);
  expect(seen).toEqual([6]);
});
