import fc from 'fast-check';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { PacedReceiver } from 'offloop-internal/link/paced-receiver.js';
import { Op } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { batchOf } from './port-lane.ts';

/** A receiver that takes some time a message, and turns of an event loop that the test begins. */
class Caller {
  readonly clock = new FakeClock();
  readonly received: unknown[] = [];
  readonly receiver: PacedReceiver;
  #turns: (() => void)[] = [];

  constructor(costMs: number) {
    const next = {
      message: (data: unknown): void => {
        this.received.push(data);
        this.clock.advance(costMs);
      },
      messageError: (): void => void this.received.push('unreadable'),
    };
    this.receiver = new PacedReceiver(next, this.clock, (fn) => this.#turns.push(fn));
  }

  /** The next turn of the event loop; false when none is booked. */
  turn(): boolean {
    const turns = this.#turns;
    this.#turns = [];
    for (const each of turns) each();
    return turns.length > 0;
  }
}

test('a message that comes alone is handed on at once', () => {
  const caller = new Caller(0.1);
  caller.receiver.message('a');
  expect(caller.received).toEqual(['a']);
});

test('messages that come in one callback are handed on for half a millisecond, the rest in the next turns', () => {
  const caller = new Caller(0.125);
  for (let i = 0; i < 20; i++) caller.receiver.message(i);
  expect(caller.received).toHaveLength(4);
  caller.turn();
  expect(caller.received).toHaveLength(8);
  while (caller.turn());
  expect(caller.received).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('one message a turn is handed on however long it takes', () => {
  const caller = new Caller(5);
  for (let i = 0; i < 3; i++) caller.receiver.message(i);
  expect(caller.received).toEqual([0]);
  caller.turn();
  expect(caller.received).toEqual([0, 1]);
});

test('batches are handed on by their records: a thousand a turn, however little time the taking takes', () => {
  const caller = new Caller(0);
  const batch = batchOf(Array.from({ length: 256 }, () => [2, Op.Ready]));
  for (let i = 0; i < 10; i++) caller.receiver.message(batch);
  expect(caller.received).toHaveLength(4);
  caller.turn();
  expect(caller.received).toHaveLength(8);
  while (caller.turn());
  expect(caller.received).toHaveLength(10);
});

test('finish() hands on everything at once, in order', () => {
  const caller = new Caller(1);
  caller.receiver.message('a');
  caller.receiver.messageError();
  caller.receiver.message('b');
  caller.receiver.finish();
  expect(caller.received).toEqual(['a', 'unreadable', 'b']);
});

test('nothing is booked where nothing waits, so that an idle loop is left alone', () => {
  const caller = new Caller(0.1);
  caller.receiver.message('a');
  expect(caller.turn()).toBe(true);
  expect(caller.turn()).toBe(false);
});

test('whatever comes when, all of it is handed on once and in order', () => {
  const step = fc.constantFrom('message', 'error', 'turn', 'idle');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, costMs) => {
      const caller = new Caller(costMs);
      const sent: unknown[] = [];
      for (const [index, what] of steps.entries()) {
        if (what === 'message') {
          sent.push(index);
          caller.receiver.message(index);
        } else if (what === 'error') {
          sent.push('unreadable');
          caller.receiver.messageError();
        } else if (what === 'turn') caller.turn();
        else caller.clock.advance(1);
      }
      while (caller.turn());
      expect(caller.received).toEqual(sent);
    }),
  );
});
