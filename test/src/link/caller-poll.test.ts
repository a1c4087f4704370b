// When the caller's side of a ring lane looks for replies, turn by turn and tick by tick.
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { CallerPoll } from 'offloop-internal/link/caller-poll.js';
import type { FrameHandler } from 'offloop-internal/link/lane.js';
import { RecordInbox } from 'offloop-internal/link/record-inbox.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import { Spin } from 'offloop-internal/link/spin.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { Op, type CallerFrame, type GuestFrame } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

const silent: Transport = { post() {}, bell() {}, drain() {} };

/** A caller's side whose turns and ticks the test runs by hand, and whose clock stands still. */
function makeCaller(expected: number, fits = true) {
  let arrived = 0;
  const turns: (() => void)[] = [];
  const ticks: (() => void)[] = [];
  const toCaller = makeRing();
  const handler: FrameHandler<GuestFrame> = {
    onCall: () => false,
    onValue: () => ++arrived > 0,
    onFrame: () => false,
    onLost() {},
    onMessageEnd() {},
  };
  const reader = new RingReader(toCaller);
  const inbox = new RecordInbox(reader, handler, () => {});
  const poll = new CallerPoll(
    reader,
    inbox,
    new RecordLane<CallerFrame>(new RingWriter(makeRing()), silent, () => {}),
    {
      clock: new FakeClock(),
      nextTick: (fn) => void ticks.push(fn),
      nextTurn: (fn) => void turns.push(fn),
      spin: new Spin(0.05, () => fits),
      isExpecting: () => arrived < expected,
    },
  );
  const guest = new RecordLane<GuestFrame>(new RingWriter(toCaller), silent, () => {});
  const reply = (count: number): void => {
    for (let id = 1; id <= count; id++) guest.value(Op.Result, 1, id, id);
    guest.flush();
  };
  return { poll, turns, ticks, reply, arrived: () => arrived };
}

test('a flood is taken in slices of so many records, since what their promises lead to takes longer than the taking', () => {
  const { poll, turns, reply, arrived } = makeCaller(5000);
  reply(5000);
  poll.bell();
  const slices: number[] = [arrived()];
  for (let turn = turns.shift(); turn !== undefined && arrived() < 5000; turn = turns.shift()) {
    const before = arrived();
    turn();
    slices.push(arrived() - before);
  }
  expect(arrived()).toBe(5000);
  expect(Math.max(...slices)).toBeLessThanOrEqual(1024);
});

test('the rest of a burst is looked for in the next tick, not only in the next turn', () => {
  const { poll, turns, ticks, reply, arrived } = makeCaller(2);
  poll.expect();
  // A turn of the loop has just begun, and nothing had come.
  turns.shift()?.();
  reply(1);
  ticks.shift()?.();
  expect(arrived()).toBe(1);
  reply(1);
  expect(ticks).toHaveLength(1);
  ticks.shift()?.();
  expect(arrived()).toBe(2);
  // Nothing is due any more: no tick is booked in vain.
  expect(ticks).toHaveLength(0);
});

test('a bell that leaves nothing to look out for books no turn: it would cost main as much as the reply', () => {
  const { poll, turns, reply, arrived } = makeCaller(2, false);
  reply(1);
  poll.bell();
  expect(arrived()).toBe(1);
  expect(turns).toHaveLength(0);
  // It sleeps, so the next reply rings again.
  reply(1);
  poll.bell();
  expect(arrived()).toBe(2);
});
