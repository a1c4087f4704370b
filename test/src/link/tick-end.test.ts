// Calls that are asked for here and there in a tick begin together at its end, and wake each thread once.
import { intrinsics } from 'offloop-internal/base/intrinsics.js';
import { systemClock } from 'offloop-internal/base/clock.js';
import { Doorbell } from 'offloop-internal/link/doorbell.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import { TickEnd, tickEnd } from 'offloop-internal/link/tick-end.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { Op, type CallerFrame } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { nextTurn } from '../asyncio/uncaught.ts';

/** A caller's side whose thread sleeps, and is asleep again as soon as it has read what it was woken for. */
function makeCaller() {
  const end = new TickEnd(intrinsics);
  const ring = makeRing();
  const reader = new RingReader(ring);
  /** Records that the thread found, each time that it was woken. */
  const found: number[] = [];
  const transport: Transport = {
    post() {},
    drain() {},
    bell() {
      let records = 0;
      for (let at = reader.next(); at >= 0; at = reader.next()) {
        reader.skip(at);
        records++;
      }
      found.push(records);
      reader.park();
    },
  };
  const doorbell = new Doorbell(transport, { clock: systemClock, nextTick: intrinsics.nextTick, tickEnd: end });
  const lane = new RecordLane<CallerFrame>(new RingWriter(ring), doorbell, intrinsics.soon);
  reader.park();
  return { end, doorbell, found, send: () => lane.send([Op.Credit, 1, 1, 1]) };
}

test('a thread is woken once for all that is sent behind the end of a tick, when the whole of it lies there', async () => {
  const { end, found, send } = makeCaller();
  for (let n = 0; n < 20; n++) {
    void end.come().then(send);
    // Answers come one after the other, each with promises of its own.
    for (let microtasks = 0; microtasks < 3; microtasks++) await null;
  }
  expect(found).toEqual([]);
  await nextTurn();
  expect(found).toEqual([20]);
});

test('also what is sent some microtasks later goes with the rest', async () => {
  const { end, found, send } = makeCaller();
  for (let n = 0; n < 20; n++)
    void end.come().then(async () => {
      for (let microtasks = -3; microtasks < n; microtasks++) await null;
      send();
    });
  await nextTurn();
  expect(found).toEqual([20]);
});

test('what is sent without it goes at once, and the rest of its turn behind it', async () => {
  const { found, send } = makeCaller();
  for (let n = 0; n < 20; n++) send();
  expect(found[0]).toBe(1);
  await nextTurn();
  expect(found.reduce((all, each) => all + each, 0)).toBe(20);
});

test('who blocks this thread behind it rings first, and nobody rings once more for that', async () => {
  const { end, doorbell, found, send } = makeCaller();
  await end.come();
  send();
  expect(found).toEqual([]);
  doorbell.settle();
  expect(found).toEqual([1]);
  await nextTurn();
  expect(found).toEqual([1]);
});

test('after it bells ring at once again, and there is another end for who asks then', async () => {
  const { end, found, send } = makeCaller();
  await end.come();
  send();
  await nextTurn();
  send();
  expect(found).toEqual([1, 1]);
  await end.come();
  send();
  expect(found).toEqual([1, 1]);
  await nextTurn();
  expect(found).toEqual([1, 1, 1]);
});

test('bells that were kept are not lost when the next end comes before they could ring', async () => {
  const { end, found, send } = makeCaller();
  // Ticks that were asked for run one after the other, before any microtask.
  void end.come();
  process.nextTick(() => {
    send();
    void end.come();
  });
  await nextTurn();
  expect(found).toEqual([1]);
});

test('it comes behind the microtasks of the tick and before its turn is over, in the order of asking', async () => {
  const seen: string[] = [];
  setImmediate(() => seen.push('turn'));
  void tickEnd().then(() => seen.push('first'));
  void Promise.resolve()
    .then(() => Promise.resolve())
    .then(() => {
      seen.push('microtask');
      void tickEnd().then(() => seen.push('second'));
    });
  await nextTurn();
  expect(seen).toEqual(['microtask', 'first', 'second', 'turn']);
});
