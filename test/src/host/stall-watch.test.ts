import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { StallWatch, type StallHost } from 'offloop-internal/host/stall-watch.js';
import { describe, expect, test } from 'vitest';

/** A thread as the watch sees it: `entered` is what its word says, and it answers pings while it is free. */
class Rig implements StallHost {
  readonly clock = new FakeClock(0);
  readonly told: string[] = [];
  hasListener = true;
  isBusy = true;
  isReady = true;
  isFree = true;
  entered = 0;
  pings = 0;
  #open: (() => void)[] = [];
  readonly watch: StallWatch;

  constructor(stalledMs = 1000) {
    this.watch = new StallWatch(this.clock, stalledMs, this);
  }

  ping(answered: () => void): void {
    this.pings++;
    this.#open.push(answered);
    this.answer();
  }

  isHeard(): boolean {
    return this.hasListener;
  }

  readArrived(): void {
    this.answer();
  }

  onStalled(entered: number, ms: number): void {
    this.told.push(`${entered} for ${ms} at ${this.clock.now()}`);
  }

  answer(): void {
    if (this.isFree && this.entered === 0) for (const each of this.#open.splice(0)) each();
  }
}

describe('a job that has the thread', () => {
  test('is told once, a quarter of the time late at most', () => {
    const rig = new Rig();
    rig.watch.wake();
    rig.entered = 7;
    rig.clock.advance(1249);
    expect(rig.told).toEqual([]);
    rig.clock.advance(1);
    expect(rig.told).toEqual(['7 for 1000 at 1250']);
    rig.clock.advance(100_000);
    expect(rig.told).toHaveLength(1);
  });

  test('is another one than the next, which is told for itself', () => {
    const rig = new Rig();
    rig.watch.wake();
    for (const id of [1, 2, 3]) {
      rig.entered = id;
      rig.clock.advance(900);
    }
    expect(rig.told).toEqual([]);
    rig.clock.advance(5000);
    rig.entered = 4;
    rig.clock.advance(5000);
    expect(rig.told.map((each) => each[0])).toEqual(['3', '4']);
  });
});

describe('a thread that tells of no job', () => {
  test('and answers is never told, and is asked again and again', () => {
    const rig = new Rig();
    rig.watch.wake();
    rig.clock.advance(10_000);
    expect(rig.told).toEqual([]);
    expect(rig.pings).toBeGreaterThan(5);
  });

  test('and does not answer is told once, until it answers', () => {
    const rig = new Rig();
    rig.isFree = false;
    rig.watch.wake();
    rig.clock.advance(5000);
    expect(rig.told).toEqual(['0 for 1000 at 1250']);
    rig.isFree = true;
    rig.answer();
    rig.clock.advance(1000);
    rig.isFree = false;
    rig.clock.advance(5000);
    expect(rig.told).toHaveLength(2);
  });

  test('and has answered while the owner was blocked is not told', () => {
    const rig = new Rig();
    rig.isFree = false;
    rig.watch.wake();
    rig.clock.advance(600);
    // Nothing of it is taken in before the watch asks for that.
    rig.isFree = true;
    rig.clock.advance(5000);
    expect(rig.told).toEqual([]);
  });

  test('is not told while it starts', () => {
    const rig = new Rig();
    rig.isFree = false;
    rig.isReady = false;
    rig.watch.wake();
    rig.clock.advance(10_000);
    expect(rig.told).toEqual([]);
  });
});

describe('nothing runs', () => {
  test.each(['hasListener', 'isBusy'] as const)('while %s is false', (what) => {
    const rig = new Rig();
    rig.watch.wake();
    expect(rig.clock.pending).toBe(1);
    rig[what] = false;
    rig.clock.advance(250);
    expect(rig.clock.pending).toBe(0);
    rig.watch.wake();
    rig.clock.advance(1000);
    expect(rig.clock.pending).toBe(0);
    rig[what] = true;
    rig.watch.wake();
    rig.entered = 1;
    rig.clock.advance(1250);
    expect(rig.told).toHaveLength(1);
  });

  test('after the end, or where the time is Infinity', () => {
    const rig = new Rig();
    rig.watch.wake();
    rig.watch.stop();
    expect(rig.clock.pending).toBe(0);
    const never = new Rig(Infinity);
    never.watch.wake();
    expect(never.clock.pending).toBe(0);
  });
});

test('whatever happens when: each id is told once, and never before it has had the thread for the time', () => {
  const step = fc.record({ id: fc.nat(3), ms: fc.integer({ min: 0, max: 1500 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rig = new Rig(400);
      rig.watch.wake();
      let next = 1;
      let longest = 0;
      for (const { id, ms } of steps) {
        // 0 is nobody; else a call that was never there before.
        rig.entered = id === 0 ? 0 : next++;
        rig.answer();
        const before = rig.told.length;
        rig.clock.advance(ms);
        longest = Math.max(longest, ms);
        const fresh = rig.told.slice(before);
        expect(fresh.length).toBeLessThanOrEqual(1);
        if (fresh.length > 0) expect([ms >= 400, rig.entered > 0]).toEqual([true, true]);
        if (ms >= 500 && rig.entered > 0) expect(fresh).toHaveLength(1);
      }
    }),
    { numRuns: 2000 },
  );
});
