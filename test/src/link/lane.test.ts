// The port lane: records that leave in batches, and what no record takes beside them.
import fc from 'fast-check';
import { maxRecordWords } from 'offloop-internal/link/records.js';
import type { CallRequest } from 'offloop-internal/link/call-request.js';
import { CallKind, Op } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

import { batchOf, makeInbox, makeLane, opsOf, requestOf } from './port-lane.ts';

test('the first frame of a turn leaves at once, the rest of the turn in one message at its end', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  expect(posted).toHaveLength(1);
  lane.send([Op.Tasks, 2]);
  lane.send([Op.Flush, 3]);
  expect(posted).toHaveLength(1);
  endTurn();
  expect(posted.map(opsOf)).toEqual([[Op.Tasks], [Op.Tasks, Op.Flush]]);
  lane.send([Op.Tasks, 4]);
  expect(posted).toHaveLength(3);
});

test('a turn with one frame posts one message and no empty one', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  endTurn();
  endTurn();
  expect(posted).toHaveLength(1);
});

test('a batch leaves before the turn ends when it has many records, or long ones', () => {
  const { lane, posted } = makeLane();
  for (let request = 0; request <= 256; request++) lane.send([Op.Tasks, request]);
  expect(posted.map((each) => opsOf(each).length)).toEqual([1, 256]);
  for (let id = 1; id <= 20; id++) lane.call(0, id, requestOf('x'.repeat(10_000)));
  expect(posted.slice(2).map((each) => opsOf(each).length)).toEqual([4, 4, 4, 4]);
});

test('flush sends what waits now, and is idle after that', () => {
  const { lane, posted } = makeLane();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  lane.flush();
  lane.flush();
  expect(posted.map(opsOf)).toEqual([[Op.Tasks], [Op.Tasks]]);
});

test('what no record takes is posted at once, and announced in its place', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  lane.call(0, 7, requestOf(new Map()));
  lane.send([Op.Tasks, 3]);
  endTurn();
  expect(posted.map(opsOf)).toEqual([[Op.Tasks], [['alone', Op.Call]], [Op.Tasks, Op.ByPort, Op.Tasks]]);
  expect(posted.map(({ alone }) => alone)).toEqual([false, true, false]);
});

test('what travels with a call is in its record, or in its message; other calls are sent as ever', () => {
  const { lane, posted, endTurn } = makeLane();
  const carrying = (...values: unknown[]): CallRequest => ({
    ...requestOf('a'),
    carried: { values, error: undefined },
  });
  lane.call(0, 1, requestOf('a'));
  lane.call(0, 2, carrying('trace', 'id'));
  lane.call(0, 3, requestOf('a'));
  lane.call(0, 4, carrying('trace', new Map()));
  endTurn();
  expect(posted.map(opsOf)).toEqual([[Op.Call], [['alone', Op.CarryingCall]], [Op.Call, Op.Call, Op.ByPort]]);
  const { inbox, frames, carried } = makeInbox();
  for (const { message } of posted) inbox.message(message);
  expect(carried).toEqual([undefined, ['trace', 'id'], undefined, ['trace', new Map()]]);
  // One that carries no list is none of ours.
  inbox.message([Op.CarryingCall, 0, 5, 0, CallKind.future, ['a'], undefined, 0, 'no list']);
  inbox.message(batchOf([[6, Op.ByPort, 0, 5, Op.CarryingCall, 0]]));
  expect([frames.length, inbox.garbage]).toEqual([4, 1]);
});

test('what cannot be cloned throws, and leaves neither itself nor an announcement', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  expect(() =>
    lane.call(
      0,
      7,
      requestOf(() => {}),
    ),
  ).toThrow();
  lane.send([Op.Tasks, 3]);
  endTurn();
  expect(posted.map(opsOf)).toEqual([[Op.Tasks], [Op.Tasks, Op.Tasks]]);
});

test('a flush in the middle of a record sends what is whole, and the record later', () => {
  const { lane, posted, endTurn } = makeLane();
  const { inbox, frames } = makeInbox();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  const flushes = {
    before: 'before',
    get flushed() {
      lane.flush();
      return 0.5;
    },
    after: ['after'],
  };
  for (const id of [3, 4]) lane.call(0, id, requestOf(flushes));
  endTurn();
  for (const { message } of posted) inbox.message(message);
  const args = [{ before: 'before', flushed: 0.5, after: ['after'] }];
  expect(frames.slice(1)).toEqual([
    [Op.Tasks, 2],
    ...[3, 4].map((id) => [Op.Call, 0, id, 0, CallKind.future, args, undefined, 0]),
  ]);
  expect(inbox.garbage).toBe(0);
});

test('records of all lengths arrive, up to the longest and beyond', () => {
  const { lane, posted, endTurn } = makeLane();
  const { inbox, frames } = makeInbox();
  const longest = maxRecordWords * 4;
  const texts = [4, 30_000, longest - 40, longest - 40, 12, longest - 24, longest - 23, 8, longest * 2].map(
    (length, index) => String(index).repeat(length),
  );
  for (const [id, text] of texts.entries()) lane.call(0, id, requestOf(text));
  endTurn();
  expect(posted.filter(({ alone }) => alone)).toHaveLength(2);
  for (const { message } of posted) inbox.message(message);
  expect(frames.map((frame) => (frame as readonly unknown[])[5])).toEqual(texts.map((text) => [text]));
  expect(inbox.garbage).toBe(0);
});

test('whatever mix of records, other messages, turns and losses: all arrive in order, and exactly the lost are told', () => {
  const step = fc.constantFrom('send', 'send', 'send', 'long', 'alone', 'bad', 'turn', 'flush');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.infiniteStream(fc.boolean()), (steps, losses) => {
      const { lane, posted, endTurn } = makeLane();
      const sent: number[] = [];
      for (const [id, each] of steps.entries()) {
        if (each === 'turn') endTurn();
        else if (each === 'flush') lane.flush();
        else if (each === 'bad')
          expect(() =>
            lane.call(
              0,
              id,
              requestOf(() => {}),
            ),
          ).toThrow();
        else {
          sent.push(id);
          if (each === 'send') lane.send([Op.Return, 0, id]);
          else lane.call(0, id, requestOf(each === 'alone' ? new Map() : 'x'.repeat(20_000)));
        }
      }
      endTurn();
      const { inbox, frames, lost, ends } = makeInbox();
      const mustBeLost: number[] = [];
      for (const { message, alone } of posted) {
        if (alone && losses.next().value === true) {
          mustBeLost.push(message[2] as unknown as number);
          inbox.messageError();
        } else inbox.message(message);
      }
      expect(lost).toEqual(mustBeLost);
      expect(frames.map((frame) => frame[2])).toEqual(sent.filter((id) => !mustBeLost.includes(id)));
      expect(ends()).toBe(posted.filter(({ message }) => typeof message === 'string').length);
      expect(inbox.garbage).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('an inbox counts a frame that its owner refuses', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Flush, 1]);
  lane.send([Op.Tasks, 2]);
  endTurn();
  const { inbox, frames } = makeInbox();
  for (const { message } of posted) inbox.message(message);
  expect(frames).toHaveLength(2);
  expect(inbox.garbage).toBe(1);
});
