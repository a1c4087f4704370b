import fc from 'fast-check';
import { Backlog, priorityStepMs } from 'offloop-internal/pool/backlog.js';
import { Dispatch } from 'offloop-internal/pool/dispatch.js';
import { Homes } from 'offloop-internal/pool/homes.js';
import { PoolCall } from 'offloop-internal/pool/pool-call.js';
import { JobKind } from 'offloop-internal/pool/job-kind.js';
import { Sizing } from 'offloop-internal/pool/sizing.js';
import { describe, expect, test } from 'vitest';

const kind = new JobKind();
const callOf = (order: number, at: number, priority: number): PoolCall<string> =>
  new PoolCall(order, `${at}:${priority}`, kind, { at, priority, key: undefined });

describe('the backlog', () => {
  test('gives out by priority, and a call that has waited for long enough before a later one of a higher', () => {
    const backlog = new Backlog<PoolCall<string>>();
    const calls = [
      callOf(0, 0, 0),
      callOf(1, 0, 2),
      callOf(2, priorityStepMs - 1, 1),
      callOf(3, priorityStepMs + 1, 1),
    ];
    for (const call of calls) backlog.push(call);
    const orders: number[] = [];
    for (let call = backlog.first; call !== undefined; call = backlog.first) {
      backlog.remove(call);
      orders.push(call.order);
    }
    expect(orders).toEqual([1, 2, 0, 3]);
  });

  test('whatever comes, leaves and comes back: the best is first, and those of one priority keep their order', () => {
    const step = fc.record({ priority: fc.integer({ min: -3, max: 3 }), wait: fc.integer({ min: 0, max: 900 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 40 }), (steps, picks) => {
        const backlog = new Backlog<PoolCall<string>>();
        let at = 0;
        const inside = steps.map(({ priority, wait }, order) => callOf(order, (at += wait), priority));
        for (const call of inside) backlog.push(call);
        for (const pick of picks) {
          const best = inside.toSorted((a, b) => a.rank - b.rank || a.order - b.order)[0];
          expect([backlog.first, backlog.size]).toEqual([best, inside.length]);
          const call = inside[pick % Math.max(1, inside.length)];
          if (call === undefined) continue;
          expect(backlog.remove(call)).toBe(true);
          expect(backlog.remove(call)).toBe(false);
          if (pick % 3 === 0) backlog.putBack(call);
          else inside.splice(inside.indexOf(call), 1);
        }
        expect(backlog.takeAll()).toEqual(inside.toSorted((a, b) => a.order - b.order));
      }),
      { numRuns: 2000 },
    );
  });
});

test('a key that was not used for longest is forgotten when there are too many, and one whose place is gone', () => {
  const homes = new Homes<string>(2);
  homes.settle(1, 'A');
  homes.settle(2, 'B');
  homes.settle(1, 'A');
  homes.settle(3, 'C');
  const found = [1, 2, 3].map((key) => homes.find(key, () => true));
  expect(found).toEqual(['A', undefined, 'C']);
  expect([homes.find(1, () => false), homes.find(1, () => true)]).toEqual([undefined, undefined]);
});

describe('affinity', () => {
  test('whatever loops do: one key is never on two that take calls, and its calls keep their order', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('call' as const), key: fc.nat(2) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('settle', 'lose', 'leave', 'join'), key: fc.nat(9) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const sent: { key: number; order: number; loop: string }[] = [];
        const dispatch = new Dispatch<number, string>((call, loop) =>
          sent.push({ key: call.payload, order: call.order, loop }),
        );
        let made = 0;
        const join = (): void => dispatch.ready(dispatch.join(`L${made++}`));
        join();
        join();
        let submitted = 0;
        for (const { do: what, key } of steps) {
          const seat = dispatch.seats[key % Math.max(1, dispatch.seats.length)];
          if (what === 'call') {
            submitted++;
            dispatch.submit('job', key, key === 2 ? undefined : { at: 0, priority: 0, key: `key ${key}` });
          } else if (what === 'join') join();
          else if (seat === undefined) continue;
          else if (what === 'settle') {
            const call = seat.inFlight.first;
            if (call !== undefined) dispatch.settled(seat, call);
          } else if (what === 'lose') dispatch.lost(seat);
          else dispatch.leave(seat);
          const alive = new Set(dispatch.seats.filter(({ isOpen }) => isOpen).map(({ loop }) => loop));
          for (const each of [0, 1]) {
            const calls = sent.filter((call) => call.key === each);
            expect(new Set(calls.map(({ loop }) => loop).filter((loop) => alive.has(loop))).size).toBeLessThanOrEqual(
              1,
            );
            expect(calls.map(({ order }) => order)).toEqual(calls.map(({ order }) => order).toSorted((a, b) => a - b));
          }
          expect(sent.length + dispatch.waiting).toBe(submitted);
        }
        while (dispatch.waiting > 0) {
          const seat = dispatch.seats.find(({ isOpen }) => isOpen);
          if (seat === undefined) join();
          else for (const each of dispatch.seats) for (const call of each.inFlight) dispatch.settled(each, call);
        }
        expect(new Set(sent.map(({ order }) => order)).size).toBe(submitted);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the sizing', () => {
  test('grows by one when calls have waited for 10 ms, again after 10 more, never above max', () => {
    const sizing = new Sizing({ min: 1, max: 3, idleTimeout: 100 });
    const grown: number[] = [];
    let loops = 1;
    for (let now = 0; now < 100; now += 5) {
      if (!sizing.grows(now, loops, 1)) continue;
      grown.push(now);
      loops++;
    }
    expect(grown).toEqual([10, 20]);
  });

  test('a moment in which nothing waits begins anew', () => {
    const sizing = new Sizing({ min: 1, max: 3, idleTimeout: 100 });
    expect([sizing.grows(0, 1, 1), sizing.grows(5, 1, 0), sizing.grows(10, 1, 1), sizing.grows(20, 1, 1)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('gives up loops that had nothing to do for the idle timeout, the youngest first, never below min', () => {
    const sizing = new Sizing({ min: 2, max: 4, idleTimeout: 100 });
    const idle = [{ idleSince: 0 }, { idleSince: 10 }, { idleSince: 60 }];
    expect(sizing.nextShrink(50, 4, idle)).toBe(50);
    expect(sizing.shrinks(99, 4, idle)).toEqual([]);
    expect(sizing.shrinks(120, 4, idle)).toEqual([{ idleSince: 10 }, { idleSince: 0 }]);
    expect(sizing.shrinks(120, 3, idle)).toEqual([{ idleSince: 10 }]);
    expect([sizing.shrinks(500, 2, idle), sizing.nextShrink(500, 2, idle)]).toEqual([[], undefined]);
  });

  test('a loop that is gone for good makes it smaller', () => {
    const sizing = new Sizing({ min: 2, max: 2, idleTimeout: 100 });
    sizing.reduce();
    expect([sizing.grows(0, 1, 1), sizing.grows(50, 1, 1)]).toEqual([false, false]);
  });
});
