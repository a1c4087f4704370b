import fc from 'fast-check';
import type { CancelledError, TimeoutError } from 'offloop-internal/base/errors.js';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { TimerQueue } from 'offloop-internal/base/timer-queue.js';
import type { CallHost } from 'offloop-internal/host/call-host.js';
import { JobLimits, type Limited } from 'offloop-internal/host/job-limits.js';
import type { PendingCall } from 'offloop-internal/link/call-table.js';
import type { Breach } from 'offloop-internal/wire/guard.js';
import type { CallState } from 'offloop-internal/wire/state-words.js';
import { expect, test } from 'vitest';

const broken: Breach = { outcome: 'broken', stack: '' };
const unsafe: Breach = { outcome: 'unsafe', stack: '' };
const elsewhere: Breach = { outcome: 'elsewhere', stack: '' };

/** A host with one call, whose state the test sets. */
class OneCall {
  readonly clock = new FakeClock(5000);
  readonly timeouts = new TimerQueue(this.clock, false);
  readonly events: string[] = [];
  readonly call: Limited;
  state: CallState = 'queued';
  began = 0;
  /** Whether this call has the thread; undefined when the thread does not tell. */
  hasThread: boolean | undefined = true;
  onRead = (): void => {};
  /** What comes of breaking into the thread: the last one again and again. */
  breaches: (Breach | undefined)[] = [undefined];
  readonly limits: JobLimits;
  readonly host: CallHost;

  constructor(ms: number) {
    const link = {
      stateOf: () => this.state,
      cancel: () => {
        if (this.state === 'running') this.state = 'cancelling';
      },
      hasThread: () => this.hasThread,
      runningFor: (_call: PendingCall, now: number) => Math.trunc(now) - Math.trunc(this.began),
    };
    this.host = {
      clock: this.clock,
      timeouts: this.timeouts,
      link,
      readArrived: () => this.onRead(),
      stuck: () => this.note('stuck'),
      zombies: 0,
      interrupt: (_call: PendingCall, tell: (breach: Breach | undefined) => void) =>
        tell(this.breaches.length > 1 ? this.breaches.shift() : this.breaches[0]),
    } as unknown as CallHost;
    this.call = {
      slot: 0,
      id: 1,
      label: 'job',
      cancelSeen: false,
      cancel: () => true,
      giveUp: (error: TimeoutError | CancelledError) =>
        this.note(
          `${error.name === 'AbortError' ? 'forced ' : ''}${error.rung === 'interrupt' ? 'broken off' : 'expired'}`,
        ),
    } as unknown as Limited;
    this.limits = new JobLimits(this.host, this.call, undefined, ms);
  }

  /** What the caller does after a cancel that was accepted. */
  force(graceMs: number): void {
    if (this.state === 'running') this.state = 'cancelling';
    this.limits.force('because', graceMs);
  }

  note(what: string): void {
    this.events.push(`${what} at ${this.clock.now() - 5000}`);
  }

  begin(): void {
    this.state = 'running';
    this.began = this.clock.now();
  }
}

test('the time of a call counts from its begin, however long it was queued', () => {
  const one = new OneCall(100);
  one.hasThread = undefined;
  one.clock.advance(1234);
  one.begin();
  one.clock.advance(98);
  expect(one.events).toEqual([]);
  one.clock.advance(3);
  expect(one.events).toHaveLength(1);
});

test('a call that waits in the queue never expires', () => {
  const one = new OneCall(10);
  one.clock.advance(1e5);
  expect(one.events).toEqual([]);
});

test('a call that has ended does not expire although its outcome has not arrived, and waits for nothing', () => {
  const one = new OneCall(10);
  one.begin();
  one.state = 'ended';
  one.clock.advance(1e4);
  expect(one.events).toEqual([]);
  expect(one.clock.pending).toBe(0);
});

test('a thread that does not answer the cancel within a second is stuck', () => {
  const one = new OneCall(10);
  one.begin();
  one.clock.advance(2000);
  expect(one.events).toHaveLength(2);
  expect(one.events[1]).toMatch(/^stuck at 10[23]\d$/);
});

test('a job that blocks its thread has twenty milliseconds to see the cancel, then it is broken off and the thread stays', () => {
  const one = new OneCall(100);
  one.breaches = [broken];
  one.begin();
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^broken off at 12[0-3]$/);
});

test('a job that sees the cancel in these twenty milliseconds is not broken off', () => {
  const one = new OneCall(100);
  one.breaches = [broken];
  one.onRead = () => void (one.call.cancelSeen = true);
  one.begin();
  one.clock.advance(60_000);
  expect(one.events[0]).toMatch(/^expired/);
});

test.each([
  ['must not be broken off right now', unsafe],
  ['is just about to begin', elsewhere],
])('a job that %s is asked again, a millisecond later', (_why, breach) => {
  const one = new OneCall(100);
  one.breaches = [breach, breach, breach, broken];
  one.begin();
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^broken off at 12[2-6]$/);
});

test('a job that begins to block just when it is given up is broken off a moment later, and costs no thread', () => {
  const one = new OneCall(Infinity);
  one.breaches = [broken];
  one.hasThread = undefined;
  one.begin();
  one.force(0);
  expect(one.events).toEqual(['forced expired at 0']);
  one.hasThread = true;
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
});

test('a job that never may be broken off costs the thread, in bounded time', () => {
  const one = new OneCall(100);
  one.breaches = [unsafe];
  one.begin();
  one.clock.advance(60_000);
  expect(one.events[0]).toMatch(/^expired at 14\d$/);
  expect(one.events[1]).toMatch(/^stuck at 11[34]\d$/);
});

test('a job that ends while it is asked again and again expires all the same, and costs nothing', () => {
  const one = new OneCall(100);
  one.breaches = [unsafe];
  one.begin();
  one.clock.advance(125);
  one.state = 'ended';
  one.limits.callOver();
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^expired at 12\d$/);
  expect(one.host.zombies).toBe(0);
});

test('a forced cancel leaves the job its grace, and then breaks it off', () => {
  const one = new OneCall(Infinity);
  one.breaches = [broken];
  one.begin();
  one.force(50);
  one.clock.advance(49);
  expect(one.events).toEqual([]);
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^forced broken off at 5\d$/);
});

test('a job that ends within the grace of a forced cancel has its outcome counted', () => {
  const one = new OneCall(Infinity);
  one.breaches = [broken];
  one.begin();
  one.force(50);
  one.clock.advance(49);
  expect(one.limits.isTooLate()).toBe(false);
  one.state = 'ended';
  one.limits.callOver();
  one.clock.advance(60_000);
  expect(one.events).toEqual([]);
  expect(one.clock.pending).toBe(0);
});

test('of two forced cancels the shorter grace counts, and a time-out comes no more', () => {
  const one = new OneCall(30);
  one.breaches = [broken];
  one.begin();
  one.force(200);
  one.clock.advance(40);
  one.force(20);
  one.force(500);
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^forced broken off at 6\d$/);
});

test('a neighbour that has the thread is waited for: the call is not to blame', () => {
  const one = new OneCall(10);
  one.begin();
  one.hasThread = false;
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  one.hasThread = true;
  one.clock.advance(2100);
  expect(one.events[1]).toMatch(/^stuck/);
});

test('a thread that tells of nobody who has it is given three seconds: a job may block it after an await', () => {
  const one = new OneCall(10);
  one.begin();
  one.hasThread = undefined;
  one.clock.advance(2900);
  expect(one.events).toHaveLength(1);
  one.clock.advance(200);
  expect(one.events).toHaveLength(2);
});

test('an answer that waits in the port of a caller who was blocked counts', () => {
  const one = new OneCall(10);
  one.begin();
  one.onRead = () => void (one.call.cancelSeen = true);
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
});

test('a thread that has seen the cancel, or whose job has ended since, is not stuck', () => {
  for (const answer of ['seen', 'ended'] as const) {
    const one = new OneCall(10);
    one.begin();
    one.clock.advance(40);
    if (answer === 'seen') one.call.cancelSeen = true;
    else one.state = 'ended';
    one.clock.advance(5000);
    expect(one.events).toHaveLength(1);
  }
});

test('a time-out that is taken back neither expires nor finds the thread stuck', () => {
  for (const waits of [0, 20]) {
    const one = new OneCall(10);
    one.begin();
    one.hasThread = undefined;
    one.clock.advance(waits);
    one.limits.settled();
    one.limits.callOver();
    one.clock.advance(5000);
    expect(one.events).toHaveLength(waits === 0 ? 0 : 1);
    expect(one.clock.pending).toBe(0);
  }
});

test('it expires within two milliseconds of the begin plus the time, whenever the call began', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 2000, noNaN: true }), (ms, queued) => {
      const one = new OneCall(ms);
      one.hasThread = undefined;
      one.clock.advance(queued);
      one.begin();
      while (one.events.length === 0) one.clock.advance(0.5);
      const took = one.clock.now() - one.began;
      expect(took).toBeGreaterThanOrEqual(ms - 2);
      expect(took).toBeLessThanOrEqual(ms + 2);
    }),
    { numRuns: 100 },
  );
});
