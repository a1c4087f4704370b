import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { TimerQueue } from 'offloop-internal/base/timer-queue.js';
import type { CallHost } from 'offloop-internal/host/call-host.js';
import { CancelLadder } from 'offloop-internal/host/cancel-ladder.js';
import type { PendingCall } from 'offloop-internal/link/call-table.js';
import type { Breach } from 'offloop-internal/wire/guard.js';
import { expect, test } from 'vitest';

/** A job that blocks its thread and is asked to end; `answer` is what the thread says when it is broken into. */
function climb() {
  const clock = new FakeClock();
  const told: (Breach | undefined)[] = [];
  let answer: (breach: Breach | undefined) => void = () => {};
  const host = {
    clock,
    timeouts: new TimerQueue(clock, false),
    link: { stateOf: () => 'cancelling', hasThread: () => true },
    readArrived() {},
    stuck() {},
    interrupt: (_call: unknown, tell: typeof answer) => void (answer = tell),
  } as unknown as CallHost;
  const ladder = new CancelLadder(host, { cancelSeen: false } as PendingCall, {
    breaking() {},
    givenUp: (breach) => void told.push(breach),
  });
  ladder.climb(0);
  return { clock, told, answer: (breach: Breach) => answer(breach) };
}

// This thread was blocked all the time: its timer and the answer were both there, and a job that was broken off was told as one that was not.
test('an answer that is there when its time is over counts', () => {
  const { clock, told, answer } = climb();
  clock.advance(300);
  answer({ outcome: 'broken', stack: 'here' });
  clock.advance(100);
  expect(told).toEqual([{ outcome: 'broken', stack: 'here' }]);
});

test('without an answer the job is given up as it is', () => {
  const { clock, told, answer } = climb();
  clock.advance(302);
  expect(told).toEqual([undefined]);
  answer({ outcome: 'broken', stack: 'too late' });
  expect(told).toEqual([undefined]);
});
