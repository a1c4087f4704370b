import fc from 'fast-check';
import type { CarriedValues } from 'offloop-internal/base/carriers.js';
import { makeRequest, type CallRequest } from 'offloop-internal/link/call-request.js';
import type { FrameHandler } from 'offloop-internal/link/lane.js';
import { PortInbox } from 'offloop-internal/link/port-inbox.js';
import { PortLane } from 'offloop-internal/link/port-lane.js';
import { CallKind, frameLength, Op, type CallerFrame } from 'offloop-internal/wire/frames.js';
import { expect, test } from 'vitest';

interface Posted {
  readonly message: readonly unknown[];
  readonly alone: boolean;
}

function makeLane(): { lane: PortLane<CallerFrame>; posted: Posted[]; endTurn: () => void } {
  const posted: Posted[] = [];
  const turns: (() => void)[] = [];
  const lane = new PortLane<CallerFrame>(
    {
      post: (message, transfer) =>
        void posted.push({ message: structuredClone(message), alone: transfer !== undefined }),
      bell() {},
      drain() {},
    },
    (fn) => void turns.push(fn),
  );
  const endTurn = (): void => {
    for (const each of turns.splice(0)) each();
  };
  return { lane, posted, endTurn };
}

function requestOf(arg: unknown): CallRequest {
  return makeRequest({ index: 0, url: 'test:', name: 'job' }, [arg], CallKind.future);
}

/** An inbox that notes what it hands over. */
function makeInbox(): {
  inbox: PortInbox<CallerFrame>;
  frames: CallerFrame[];
  carried: (CarriedValues | undefined)[];
  lost: number[];
  ends: () => number;
} {
  const carried: (CarriedValues | undefined)[] = [];
  const frames: CallerFrame[] = [];
  const lost: number[] = [];
  let ends = 0;
  const handler: FrameHandler<CallerFrame> = {
    onCall: (slot, id, job, kind, args, name, dueAt, values) =>
      frames.push([Op.Call, slot, id, job, kind, args, name, dueAt]) > 0 && carried.push(values) > 0,
    onValue: () => false,
    onFrame: (frame) => frames.push(frame) > 0 && frame[0] !== Op.Flush,
    onLost: (_slot, id) => void lost.push(id),
    onMessageEnd: () => void ends++,
  };
  return { inbox: new PortInbox(handler), frames, carried, lost, ends: () => ends };
}

test('the first frame of a turn leaves at once, the rest of the turn in one message at its end', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  expect(posted).toHaveLength(1);
  lane.send([Op.Tasks, 2]);
  lane.send([Op.Tasks, 3]);
  expect(posted).toHaveLength(1);
  endTurn();
  expect(posted.map(({ message }) => message)).toEqual([
    [Op.Tasks, 1],
    [Op.Tasks, 2, Op.Tasks, 3],
  ]);
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

test('a long batch leaves before the turn ends', () => {
  const { lane, posted } = makeLane();
  for (let request = 0; request <= 512; request++) lane.send([Op.Tasks, request]);
  expect(posted.map(({ message }) => message.length)).toEqual([2, 1024]);
});

test('flush sends what waits now, and is idle after that', () => {
  const { lane, posted } = makeLane();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  lane.flush();
  lane.flush();
  expect(posted.map(({ message }) => message)).toEqual([
    [Op.Tasks, 1],
    [Op.Tasks, 2],
  ]);
});

test('a lone frame leaves after what waits and before what follows, and is announced behind', () => {
  const { lane, posted, endTurn } = makeLane();
  lane.send([Op.Tasks, 1]);
  lane.send([Op.Tasks, 2]);
  lane.call(0, 7, requestOf(new Map()));
  lane.send([Op.Tasks, 3]);
  endTurn();
  expect(posted.map(({ message }) => message[0])).toEqual([Op.Tasks, Op.Tasks, Op.Call, Op.LoneSent]);
  expect(posted.at(-1)?.message).toEqual([Op.LoneSent, 0, 7, Op.Tasks, 3]);
  expect(posted.map(({ alone }) => alone)).toEqual([false, false, true, false]);
});

test('a call with which something travels has a frame of its own; others are sent as ever', () => {
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
  const rest = [0, CallKind.future, ['a'], undefined, 0] as const;
  expect(posted.map(({ message }) => message)).toEqual([
    [Op.Call, 0, 1, ...rest],
    [Op.CarryingCall, 0, 2, ...rest, ['trace', 'id'], Op.Call, 0, 3, ...rest],
    [Op.CarryingCall, 0, 4, ...rest, ['trace', new Map()]],
    [Op.LoneSent, 0, 4],
  ]);
  const { inbox, carried } = makeInbox();
  for (const { message } of posted) inbox.message(message);
  inbox.message([Op.CarryingCall, 0, 5, ...rest, 'no list']);
  expect(carried).toEqual([undefined, ['trace', 'id'], undefined, ['trace', new Map()]]);
  expect(inbox.garbage).toBe(1);
});

test('a lone frame that cannot be cloned throws, and leaves neither itself nor an announcement', () => {
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
  expect(posted.flatMap(({ message }) => message)).toEqual([Op.Tasks, 1, Op.Tasks, 2, Op.Tasks, 3]);
});

test('whatever mix of frames, lone frames, turns and losses: all arrive in order, and exactly the lost are told', () => {
  const step = fc.constantFrom('send', 'send', 'send', 'alone', 'bad', 'turn', 'flush');
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
          else lane.call(0, id, requestOf(new Map()));
        }
      }
      endTurn();
      const { inbox, frames, lost, ends } = makeInbox();
      const mustBeLost: number[] = [];
      for (const { message, alone } of posted) {
        if (alone && losses.next().value === true) {
          mustBeLost.push(message[2] as number);
          inbox.messageError();
        } else inbox.message(message);
      }
      expect(lost).toEqual(mustBeLost);
      expect(frames.map((frame) => frame[2])).toEqual(sent.filter((id) => !mustBeLost.includes(id)));
      expect(ends()).toBe(posted.length - mustBeLost.length);
      expect(inbox.garbage).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('an inbox counts and ignores what is no message of ours', () => {
  const { inbox, frames, ends } = makeInbox();
  for (const each of [
    undefined,
    null,
    1,
    'text',
    {},
    new Map(),
    [99, 1],
    ['constructor'],
    [undefined],
    [Op.Call, 1, 2],
  ])
    inbox.message(each);
  expect(inbox.garbage).toBe(10);
  expect(frames).toEqual([]);
  expect(ends()).toBe(4);
});

test('an inbox hands over the frames before the garbage in a message, and goes on with the next message', () => {
  const { inbox, frames } = makeInbox();
  inbox.message([Op.Tasks, 1, 'garbage', Op.Tasks, 2]);
  inbox.message([Op.Tasks, 3]);
  expect(frames).toEqual([
    [Op.Tasks, 1],
    [Op.Tasks, 3],
  ]);
  expect(inbox.garbage).toBe(1);
});

test('an inbox counts a frame that its owner refuses', () => {
  const { inbox, frames } = makeInbox();
  inbox.message([Op.Flush, 1, Op.Tasks, 2]);
  expect(frames).toHaveLength(2);
  expect(inbox.garbage).toBe(1);
});

test('no garbage makes an inbox throw', () => {
  const { inbox } = makeInbox();
  fc.assert(
    fc.property(
      fc.oneof(fc.anything(), fc.array(fc.oneof(fc.constantFrom(...frameLength.keys()), fc.anything()))),
      (data) => inbox.message(data),
    ),
    { numRuns: 300 },
  );
});
