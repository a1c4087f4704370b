// What does not fit the ring, while it is being written.
import { Overflow } from 'offloop-internal/link/overflow.js';
import { RecordInbox } from 'offloop-internal/link/record-inbox.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import { makeRing, RingReader, RingWriter } from 'offloop-internal/link/ring.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { type CallerFrame, CallKind } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { requestOf } from './port-lane.ts';

const silent: Transport = { post() {}, bell() {}, drain() {} };

// A bug: the flush moved the memory away that the record was being written to, and that one and all behind it were lost.
test('a flush in the middle of a record that lies in the overflow leaves it where it is', () => {
  const ring = makeRing(4096);
  const lane = new RecordLane<CallerFrame>(new RingWriter(ring), silent, () => {});
  const arrived: number[] = [];
  const reader = new RingReader(ring);
  const inbox = new RecordInbox<CallerFrame>(
    reader,
    {
      onCall: (_slot, id, _job, kind) => arrived.push(id) > 0 && kind === CallKind.future,
      onValue: () => false,
      onFrame: () => false,
      onLost() {},
      onMessageEnd() {},
    },
    () => lane.refill(),
  );
  const readAll = (): void => {
    while (inbox.take(8) > 0) lane.refill();
  };
  const text = 'x'.repeat(500);
  for (let id = 1; id <= 40; id++) lane.call(0, id, requestOf(text));
  const reads = {
    before: text,
    get now() {
      // As resultSync() does: it takes in what has arrived, and sends what waits.
      readAll();
      lane.flush();
      return 1;
    },
  };
  lane.call(0, 41, requestOf(reads));
  for (let id = 42; id <= 60; id++) lane.call(0, id, requestOf(text));
  lane.flush();
  readAll();
  expect(arrived).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect(inbox.garbage).toBe(0);
});

test('memory that is empty again is used for what comes next', () => {
  const overflow = new Overflow();
  const writer = new RingWriter(makeRing(4096));
  const seen = new Set<unknown>();
  for (let round = 0; round < 10; round++) {
    overflow.open();
    seen.add(overflow.memory);
    overflow.commit(overflow.at + 8);
    overflow.moveTo(writer);
    expect(overflow.isEmpty).toBe(true);
  }
  expect(seen.size).toBe(1);
});
