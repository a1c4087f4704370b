import type { Transferable } from 'node:worker_threads';

import { NotCloneableError } from '../base/errors.ts';
import { Op, type AsideFrame, type Frame, type ItemOp } from '../wire/frames.ts';
import { tooLong, ValueWriter } from '../wire/value-writer.ts';
import { pack } from '../wire/values.ts';
import { callFrame, packArguments, refusedArguments, type CallRequest } from './call-request.ts';
import type { Lane } from './lane.ts';
import { Overflow } from './overflow.ts';
import { argsShift, Flag, kindShift, maxRecordWords, minRoom, type RecordSink, type RecordSpace } from './records.ts';
import type { Transport } from './transport.ts';
import { Introductions } from './travelling-handles.ts';

const maxArgs = 0x7fff;

/** Records begin on even words. */
function even(next: number): number {
  return next + (next & 1);
}

/**
 * A lane of records with a port beside it. What the codec takes is written into a record when it is sent; what it refuses is
 * posted on the port at once, and a `ByPort` record says when it is its turn. The first record of a turn is published at
 * once, the rest at the end of the turn, or sooner where there is much: who sends one thing waits for nothing.
 *
 *   call    [length, Call | flags | number of args, slot, id, job, name?, dueAt?, carried?, …args]
 *   value   [length, Result or Item, slot, id, value]
 *   ByPort  [length, ByPort, slot, id, op]
 *   others  [length, op, …fields]
 */
export class RecordLane<F extends Frame> implements Lane<F> {
  readonly #sink: RecordSink;
  readonly #transport: Transport;
  readonly #defer: (fn: () => void) => void;
  readonly #values = new ValueWriter();
  readonly #overflow = new Overflow();
  readonly #introductions = new Introductions();
  /** Posted by a getter in a value that was being written: announced behind its record. */
  readonly #late: (readonly unknown[])[] = [];
  /** Words of the record before: where there is less room than that, the next one would probably have to be written twice. */
  #lastWords = 0;
  #unseen = 0;
  /** Somebody waits until nothing waits for room. */
  #onSent: (() => void) | undefined;
  /** Grows in a turn: who sends little is seen soon, and who sends much has no cache misses for it. */
  #mostUnseen = 0;
  #turnOpen = false;
  readonly #endTurn = (): void => {
    this.#turnOpen = false;
    this.flush();
  };

  constructor(sink: RecordSink, transport: Transport, defer: (fn: () => void) => void) {
    this.#sink = sink;
    this.#transport = transport;
    this.#defer = defer;
  }

  call(slot: number, id: number, request: CallRequest): void {
    const { args, transfer } = request;
    let written = false;
    if (transfer === undefined && args.length <= maxArgs && !this.#values.writing) {
      try {
        written = this.#writeCall(slot, id, request);
      } catch (error) {
        this.#values.rollback();
        throw error instanceof NotCloneableError ? error : refusedArguments(request, args, error);
      }
    }
    if (!written) this.#callByPort(slot, id, request);
    this.#committed();
  }

  value(op: ItemOp, slot: number, id: number, value: unknown): void {
    let written = false;
    try {
      if (!this.#values.writing) written = this.#writeValue(op, slot, id, value);
    } catch (error) {
      this.#values.rollback();
      throw error;
    }
    if (!written) {
      const { values, transfer } = pack([value]);
      this.#byPort([op, slot, id, values[0]], transfer);
    }
    this.#committed();
  }

  send(frame: F): void {
    if (this.#values.writing || !this.#writeFrame(frame)) this.#byPort(frame);
    this.#committed();
  }

  flush(): void {
    this.#unseen = 0;
    // A getter in a value that is being written can get here, and the record may lie in the overflow.
    if (!this.#overflow.isEmpty && !this.#values.writing) this.#overflow.moveTo(this.#sink);
    if (this.#sink.publish()) this.#transport.bell();
    if (this.#overflow.isEmpty) this.#onSent?.();
  }

  whenSent(fn: () => void): void {
    this.#onSent = () => {
      this.#onSent = undefined;
      fn();
    };
    this.flush();
  }

  sendAside(frame: F & AsideFrame): void {
    this.#transport.post(frame, frame[0] === Op.Connect ? [frame[1]] : undefined);
  }

  /** There may be room again: move what waits for it. */
  refill(): void {
    if (!this.#overflow.isEmpty) this.flush();
  }

  #space(): RecordSpace {
    this.#values.begin();
    if (this.#overflow.isEmpty && this.#sink.open(Math.max(minRoom, this.#lastWords))) return this.#sink;
    this.#overflow.open();
    return this.#overflow;
  }

  /** The record did not fit where it was begun, and may fit in the overflow, where all do that are not too long for a record. */
  #isCramped(space: RecordSpace, next: number): boolean {
    return next === tooLong && space.end - space.at < maxRecordWords;
  }

  /** Give up the record, to write it once more in the overflow. */
  #roomier(): RecordSpace {
    this.#values.rollback();
    this.#values.begin();
    this.#overflow.open();
    return this.#overflow;
  }

  /** The record ends before `next`: true; or it was refused and is given up. */
  #close(space: RecordSpace, next: number): boolean {
    if (next >= 0) {
      this.#lastWords = next - space.at;
      space.commit(even(next));
    } else this.#values.rollback();
    return next >= 0;
  }

  #writeCall(slot: number, id: number, request: CallRequest): boolean {
    const space = this.#space();
    const next = this.#encodeCall(space, slot, id, request);
    if (!this.#isCramped(space, next)) return this.#close(space, next);
    const roomier = this.#roomier();
    return this.#close(roomier, this.#encodeCall(roomier, slot, id, request));
  }

  #writeValue(op: ItemOp, slot: number, id: number, value: unknown): boolean {
    const space = this.#space();
    const next = this.#encodeValue(space, op, slot, id, value);
    if (!this.#isCramped(space, next)) return this.#close(space, next);
    const roomier = this.#roomier();
    return this.#close(roomier, this.#encodeValue(roomier, op, slot, id, value));
  }

  #writeFrame(frame: F): boolean {
    const space = this.#space();
    const next = this.#encodeFrame(space, frame);
    if (!this.#isCramped(space, next)) return this.#close(space, next);
    const roomier = this.#roomier();
    return this.#close(roomier, this.#encodeFrame(roomier, frame));
  }

  #encodeCall({ memory, at, end }: RecordSpace, slot: number, id: number, request: CallRequest): number {
    const { job, args, kind, name, dueAt, carried } = request;
    const { words } = memory;
    let flags = Op.Call | (kind << kindShift) | (args.length << argsShift);
    words[at + 2] = slot;
    words[at + 3] = id;
    words[at + 4] = job.index;
    let next = at + 5;
    if (name !== undefined) {
      flags |= Flag.name;
      next = this.#values.write(memory, name, next, end);
    }
    if (dueAt !== 0 && next >= 0) {
      flags |= Flag.due;
      next = this.#values.write(memory, dueAt, next, end);
    }
    if (carried !== undefined && next >= 0) {
      flags |= Flag.carried;
      next = this.#values.write(memory, carried.values, next, end);
    }
    words[at + 1] = flags;
    for (let index = 0; index < args.length && next >= 0; index++)
      next = this.#values.write(memory, args[index], next, end);
    return next;
  }

  #encodeValue({ memory, at, end }: RecordSpace, op: ItemOp, slot: number, id: number, value: unknown): number {
    const { words } = memory;
    words[at + 1] = op;
    words[at + 2] = slot;
    words[at + 3] = id;
    return this.#values.write(memory, value, at + 4, end);
  }

  #encodeFrame({ memory, at, end }: RecordSpace, frame: F): number {
    memory.words[at + 1] = frame[0];
    let next = at + 2;
    for (let index = 1; index < frame.length && next >= 0; index++)
      next = this.#values.write(memory, frame[index], next, end);
    return next;
  }

  #callByPort(slot: number, id: number, request: CallRequest): void {
    const packed = packArguments(request);
    const { values, transfer } = packed;
    try {
      this.#byPort(callFrame(slot, id, request, packed), transfer);
    } catch (error) {
      throw refusedArguments(request, values, error, transfer);
    }
  }

  /** Post first: when it throws nothing was sent; and whoever reads the record finds the message. */
  #byPort(frame: readonly unknown[], transfer?: readonly Transferable[]): void {
    this.#introductions.post(this.#transport, frame, transfer);
    if (this.#values.writing) this.#late.push(frame);
    else this.#announce(frame);
  }

  #announce(frame: readonly unknown[]): void {
    const space = this.#space();
    const { memory, at } = space;
    const { words } = memory;
    words[at + 1] = Op.ByPort;
    words[at + 2] = typeof frame[1] === 'number' ? frame[1] : 0;
    words[at + 3] = typeof frame[2] === 'number' ? frame[2] : 0;
    words[at + 4] = frame[0] as number;
    space.commit(even(at + 5));
  }

  #committed(): void {
    if (this.#values.writing) return;
    for (let frame = this.#late.shift(); frame !== undefined; frame = this.#late.shift()) this.#announce(frame);
    if (!this.#turnOpen) {
      this.#turnOpen = true;
      this.#mostUnseen = this.#sink.minUnseen;
      this.#defer(this.#endTurn);
      this.flush();
    } else if (++this.#unseen >= this.#mostUnseen) {
      this.#mostUnseen = Math.min(this.#mostUnseen * 2, this.#sink.maxUnseen);
      this.flush();
    }
  }
}
