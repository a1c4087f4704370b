// When the guest's side of a ring lane looks for calls, callback by callback.
import type { Clock } from 'offloop-internal/base/clock.js';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { GuestPoll } from 'offloop-internal/guest/guest-poll.js';
import type { FrameHandler } from 'offloop-internal/link/lane.js';
import { RecordInbox } from 'offloop-internal/link/record-inbox.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import { Spin } from 'offloop-internal/link/spin.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { Op, type CallerFrame, type GuestFrame } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

const silent: Transport = { post() {}, bell() {}, drain() {} };
const handler: FrameHandler<CallerFrame> = {
  onCall: () => false,
  onValue: () => false,
  onFrame: () => false,
  onLost() {},
  onMessageEnd() {},
};

function makeGuest(spin: Spin = new Spin(0, () => true), clock: Clock = new FakeClock()) {
  const booked: (() => void)[] = [];
  const turns: (() => void)[] = [];
  const around = { isAwake: false, goesOn: false };
  const ring = makeRing();
  const reader = new RingReader(ring);
  const inbox = new RecordInbox(reader, handler, () => {});
  const poll = new GuestPoll(reader, inbox, new RecordLane<GuestFrame>(new RingWriter(makeRing()), silent, () => {}), {
    clock,
    again: (fn) => void booked.push(fn),
    nextTurn: (fn) => void turns.push(fn),
    spin,
    isIdle: () => true,
    goesOn: () => around.goesOn,
    onAwake: (isAwake) => (around.isAwake = isAwake),
  });
  const calls = new RecordLane<CallerFrame>(new RingWriter(ring), silent, () => {});
  return { poll, inbox, calls, booked, turns, around };
}

// It said that it slept while it ran one long job after the other, so that its owner spun for it on a core that it needed.
test('a thread whose calls wait for the next turn does not say that it sleeps, and looks again in that turn', () => {
  const { booked, turns, around } = makeGuest();
  around.goesOn = true;
  booked.shift()?.();
  expect([around.isAwake, turns.length]).toEqual([true, 1]);
  around.goesOn = false;
  turns.shift()?.();
  expect([around.isAwake, turns.length]).toEqual([false, 0]);
});

// It counted what the bell had told of as found by spinning, and so spun after each of the calls that came 100 µs apart: beside
// a busy Redis on two cores, the main thread waited a fifth of its time for a core.
test('a thread that is woken for each call gives up spinning after them', () => {
  let now = 0;
  const clock = new FakeClock();
  // Time passes at each look, or who spins would wait for ever.
  clock.now = () => (now += 0.01);
  const spin = new Spin(0.05, () => true);
  const { poll, inbox, calls, booked } = makeGuest(spin, clock);
  booked.shift()?.();
  const spins: boolean[] = [];
  for (let times = 0; times < 18; times++) {
    calls.send([Op.Flush, times]);
    calls.flush();
    poll.bell();
    expect(inbox.take(1)).toBe(0);
    spins.push(spin.msAt(now) > 0);
  }
  expect(spins).toEqual(spins.map((_, times) => times < 15));
});
