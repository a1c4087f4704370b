import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { TimerQueue } from 'offloop-internal/base/timer-queue.js';
import type { CallHost } from 'offloop-internal/host/call-host.js';
import { JobTimeout } from 'offloop-internal/host/job-timeout.js';
import { Questions } from 'offloop-internal/host/questions.js';
import type { CallOwner, PendingCall } from 'offloop-internal/link/call-table.js';
import { Holds } from 'offloop-internal/link/holds.js';
import type { Breach } from 'offloop-internal/wire/guard.js';
import type { CallState } from 'offloop-internal/wire/state-words.js';
import { expect, test } from 'vitest';

/** A host with one call, whose state the test sets. */
class OneCall {
  readonly clock = new FakeClock(5000);
  readonly timeouts = new TimerQueue(this.clock, false);
  readonly events: string[] = [];
  readonly call: PendingCall;
  state: CallState = 'queued';
  began = 0;
  /** Whether this call has the thread; undefined when the thread does not tell. */
  hasThread: boolean | undefined = true;
  onRead = (): void => {};
  expired = false;
  /** What comes of breaking into the thread. */
  breach: Breach | undefined;
  readonly timeout: JobTimeout;

  constructor(ms: number) {
    this.call = { slot: 0, id: 1, owner: {} as CallOwner, label: 'job', name: undefined, cancelSeen: false };
    const link = {
      stateOf: () => this.state,
      hasThread: () => this.hasThread,
      runningFor: (_call: PendingCall, now: number) => Math.trunc(now) - Math.trunc(this.began),
    };
    const host = {
      clock: this.clock,
      timeouts: this.timeouts,
      link,
      readArrived: () => this.onRead(),
      stuck: () => this.note('stuck'),
      interrupt: (_call: PendingCall, tell: (breach: Breach | undefined) => void) => tell(this.breach),
    } as unknown as CallHost;
    this.timeout = new JobTimeout(host, this.call, ms, {
      ask: () => {
        if (this.state === 'running') this.state = 'cancelling';
      },
      breaking: () => {},
      expired: (breach) => {
        if (!this.expired) this.note(breach?.isBroken === true ? 'broken off' : 'expired');
        this.expired = true;
      },
    });
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
  one.breach = { isBroken: true, stack: '' };
  one.begin();
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  expect(one.events[0]).toMatch(/^broken off at 12[0-3]$/);
});

test('a job that sees the cancel in these twenty milliseconds is not broken off', () => {
  const one = new OneCall(100);
  one.breach = { isBroken: true, stack: '' };
  one.onRead = () => void (one.call.cancelSeen = true);
  one.begin();
  one.clock.advance(60_000);
  expect(one.events[0]).toMatch(/^expired/);
});

test('a neighbour that has the thread is waited for: the call is not to blame', () => {
  const one = new OneCall(10);
  one.begin();
  one.hasThread = false;
  one.clock.advance(60_000);
  expect(one.events).toHaveLength(1);
  one.hasThread = true;
  one.clock.advance(1000);
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
    one.timeout.cancel();
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

test('a question is answered once, by its answer, when its time is over, or when everything is given up', async () => {
  const clock = new FakeClock();
  const questions = new Questions(clock, () => {});
  const asked: number[] = [];
  const ask = (): Promise<string | undefined> => questions.ask<string>(100, (request) => void asked.push(request));
  const [answered, late, givenUp] = [ask(), ask(), ask()];
  expect(new Set(asked).size).toBe(3);
  questions.answer(asked[0] as number, 'yes');
  questions.answer(asked[0] as number, 'no');
  expect(await answered).toBe('yes');
  questions.answer(99, 'nobody asked');
  clock.advance(50);
  questions.answer(asked[2] as number, undefined);
  expect(await givenUp).toBeUndefined();
  clock.advance(50);
  expect(await late).toBeUndefined();
  const last = [ask(), ask()];
  questions.giveUp();
  expect(await Promise.all(last)).toEqual([undefined, undefined]);
  expect(clock.pending).toBe(0);
});

test('a question that is answered while it is being sent resolves', async () => {
  const questions = new Questions(new FakeClock(), () => {});
  expect(await questions.ask(100, (request) => questions.answer(request, 'at once'))).toBe('at once');
});

test('holds reference their target exactly while there is a reason', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (acquires) => {
      let referenced = true;
      const holds = new Holds({ ref: () => (referenced = true), unref: () => (referenced = false) });
      expect(referenced).toBe(false);
      let reasons = 0;
      for (const acquire of acquires) {
        if (acquire) {
          holds.acquire();
          reasons++;
        } else if (reasons > 0) {
          holds.release();
          reasons--;
        }
        expect(referenced).toBe(reasons > 0);
      }
    }),
  );
});
