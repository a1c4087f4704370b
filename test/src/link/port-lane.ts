// Both ends of a port lane, and what is between them in the hands of the test.
import type { CarriedValues } from 'offloop-internal/base/carriers.js';
import { BatchInbox } from 'offloop-internal/link/batch-inbox.js';
import { BatchReader, BatchWriter, recordsIn } from 'offloop-internal/link/batch.js';
import { makeRequest, type CallRequest } from 'offloop-internal/link/call-request.js';
import type { FrameHandler } from 'offloop-internal/link/lane.js';
import { RecordLane } from 'offloop-internal/link/record-lane.js';
import type { Transport } from 'offloop-internal/link/transport.js';
import { CallKind, Op, type CallerFrame } from 'offloop-internal/wire/frames.js';
import { expect } from 'vitest';

export interface Posted {
  readonly message: string | readonly unknown[];
  readonly alone: boolean;
}

export function makeLane(): { lane: RecordLane<CallerFrame>; posted: Posted[]; endTurn: () => void } {
  const posted: Posted[] = [];
  const turns: (() => void)[] = [];
  const transport: Transport = {
    post: (message, transfer) => void posted.push({ message: structuredClone(message), alone: transfer !== undefined }),
    bell() {},
    drain() {},
  };
  const lane = new RecordLane<CallerFrame>(new BatchWriter(transport), transport, (fn) => void turns.push(fn));
  const endTurn = (): void => {
    for (const each of turns.splice(0)) each();
  };
  return { lane, posted, endTurn };
}

export function requestOf(arg: unknown): CallRequest {
  return makeRequest({ index: 0, url: 'test:', name: 'job' }, [arg], CallKind.future);
}

/** The ops of the records of a batch, or of a message that is a frame. */
export function opsOf({ message }: Posted): unknown[] {
  if (typeof message !== 'string') return [['alone', message[0]]];
  const reader = new BatchReader();
  reader.add(message);
  const ops: unknown[] = [];
  for (let at = reader.next(); at >= 0; at = reader.next()) {
    ops.push((reader.memory.words[at + 1] as number) & 0xff);
    reader.skip(at);
  }
  expect([reader.garbage, recordsIn(message)]).toEqual([0, ops.length]);
  return ops;
}

/** An inbox that notes what it hands over. */
export function makeInbox(onFrame: (frame: CallerFrame) => void = () => {}): {
  inbox: BatchInbox<CallerFrame>;
  frames: CallerFrame[];
  carried: (CarriedValues | undefined)[];
  lost: number[];
  ends: () => number;
} {
  const frames: CallerFrame[] = [];
  const carried: (CarriedValues | undefined)[] = [];
  const lost: number[] = [];
  let ends = 0;
  const handler: FrameHandler<CallerFrame> = {
    onCall: (slot, id, job, kind, args, name, dueAt, values) =>
      frames.push([Op.Call, slot, id, job, kind, args, name, dueAt]) > 0 && carried.push(values) > 0,
    onValue: () => false,
    onFrame(frame) {
      frames.push(frame);
      onFrame(frame);
      return frame[0] !== Op.Flush;
    },
    onLost: (_slot, id) => void lost.push(id),
    onMessageEnd: () => void ends++,
  };
  return { inbox: new BatchInbox(handler), frames, carried, lost, ends: () => ends };
}

/** A batch as it is on the wire, of whatever records. */
export function batchOf(records: readonly (readonly number[])[], trailer = 0x6f660000 | records.length): string {
  const words = Int32Array.from([...records.flat(), trailer]);
  return Buffer.from(words.buffer).toString('latin1');
}
