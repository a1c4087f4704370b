import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { Shutdown, type CloseMode } from 'offloop-internal/host/shutdown.js';
import { expect, test } from 'vitest';

/** A shutdown whose effects are noted; `abandon` ends it, as the loop does. */
function makeShutdown(): { shutdown: Shutdown; clock: FakeClock; effects: string[] } {
  const clock = new FakeClock(0);
  const effects: string[] = [];
  const note = (what: string): void => void effects.push(`${what} at ${clock.now()}`);
  const shutdown: Shutdown = new Shutdown(clock, {
    drain: () => note('drain'),
    cancel: () => note('cancel'),
    terminate: (timedOut) => note(timedOut ? 'terminate late' : 'terminate'),
    abandon: () => {
      note('abandon');
      shutdown.ended();
    },
  });
  return { shutdown, clock, effects };
}

test('a drain that uses up its time is followed by a cancel, by a termination, and by giving the thread up', () => {
  const { shutdown, clock, effects } = makeShutdown();
  expect(shutdown.isOpen).toBe(true);
  shutdown.request('drain', 500);
  expect(shutdown.isOpen).toBe(false);
  clock.advance(10_000);
  expect(effects).toEqual(['drain at 0', 'cancel at 500', 'terminate late at 1500', 'abandon at 3500']);
  expect(shutdown.isEnded).toBe(true);
});

test('a cancel has the time that it was given, and then the thread is terminated', () => {
  const { shutdown, clock, effects } = makeShutdown();
  shutdown.request('cancel', 200);
  clock.advance(300);
  expect(effects).toEqual(['cancel at 0', 'terminate late at 200']);
});

test('a termination that was asked for is not one that came too late', () => {
  const { shutdown, effects } = makeShutdown();
  shutdown.request('terminate', 0);
  expect(effects).toEqual(['terminate at 0']);
});

test('once the thread has ended nothing happens any more', () => {
  const { shutdown, clock, effects } = makeShutdown();
  shutdown.request('drain', 100);
  shutdown.ended();
  for (const mode of ['drain', 'cancel', 'terminate'] as const) shutdown.request(mode, 5);
  clock.advance(100_000);
  expect(effects).toEqual(['drain at 0']);
  expect(clock.pending).toBe(0);
});

test('a drain without a deadline waits, and a later call can set one', () => {
  const { shutdown, clock, effects } = makeShutdown();
  shutdown.request('drain', Infinity);
  clock.advance(1e6);
  shutdown.request('drain', 50);
  clock.advance(50);
  expect(effects).toEqual(['drain at 0', 'cancel at 1000050']);
});

test('a stop() without a deadline does not take the deadline of close() away', () => {
  const { shutdown, clock, effects } = makeShutdown();
  shutdown.request('drain', 500);
  shutdown.request('drain', Infinity);
  shutdown.request('drain', 9000);
  clock.advance(500);
  expect(effects).toEqual(['drain at 0', 'cancel at 500']);
});

test('a softer request while a harder stage goes on changes nothing', () => {
  const { shutdown, clock, effects } = makeShutdown();
  shutdown.request('cancel', 100);
  shutdown.request('drain', 9000);
  clock.advance(100);
  shutdown.request('cancel', 9000);
  clock.advance(2000);
  expect(effects).toEqual(['cancel at 0', 'terminate late at 100', 'abandon at 2100']);
});

test('whatever is asked and when: no stage is gone back to, each happens once, and it ends', () => {
  const request = fc.record({
    mode: fc.constantFrom<CloseMode>('drain', 'drain', 'drain', 'drain', 'cancel', 'terminate'),
    grace: fc.constantFrom(0, 10, 1000, Infinity),
    wait: fc.constantFrom(0, 5, 500, 1500),
  });
  const rank: Readonly<Record<string, number>> = { drain: 1, cancel: 2, terminate: 3, abandon: 4 };
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), (requests) => {
      const { shutdown, clock, effects } = makeShutdown();
      /** The earliest time by which it must be over, given what was asked. */
      let bound = Infinity;
      for (const { mode, grace, wait } of requests) {
        shutdown.request(mode, grace);
        bound = Math.min(
          bound,
          clock.now() + (mode === 'terminate' ? 0 : mode === 'cancel' ? grace : grace + 1000) + 2000 + 1,
        );
        clock.advance(wait);
      }
      const last = requests.at(-1);
      shutdown.request('cancel', 100);
      clock.advance(5000);
      expect(shutdown.isEnded, JSON.stringify(last)).toBe(true);
      const stages = effects.map((each) => rank[each.split(' ')[0] as string] as number);
      expect(stages).toEqual([...new Set(stages)].sort((a, b) => a - b));
      expect(stages.at(-1)).toBe(4);
      expect(clock.pending).toBe(0);
      // Nothing that is asked later, a softer close or a longer time in the same stage, makes it later.
      const drained = requests.every(({ mode }) => mode === 'drain');
      if (drained) expect(Number(effects.at(-1)?.split(' at ')[1])).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 500 },
  );
});
