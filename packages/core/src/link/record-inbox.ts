import type { CarriedValues } from '../base/carriers.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import { throwUncaught } from '../base/stacks.ts';
import { asideOps, type CallKind, frameLength, Op, type Frame } from '../wire/frames.ts';
import { ValueReader } from '../wire/value-reader.ts';
import type { FrameHandler } from './lane.ts';
import { argsShift, Flag, kindShift, type RecordSource } from './records.ts';
import type { Receiver, Transport } from './transport.ts';
import { withHandles } from './travelling-handles.ts';

/** Stands among the messages for one that could not be put together. */
const unreadable: unique symbol = Symbol('unreadable message');

/**
 * The receiving side of a lane of records. These give the order; the message of a `ByPort` record is taken from those that
 * the port has delivered already, or else fetched from it. A message that is no array is a bell, which its owner hears.
 */
export class RecordInbox<F extends Frame> implements Receiver {
  readonly #source: RecordSource;
  readonly #handler: FrameHandler<F>;
  readonly #onBell: () => void;
  readonly #values = new ValueReader();
  readonly #arrived = new RingBuffer<unknown>();
  #transport: Transport | undefined;
  #garbage = 0;

  constructor(source: RecordSource, handler: FrameHandler<F>, onBell: () => void) {
    this.#source = source;
    this.#handler = handler;
    this.#onBell = onBell;
  }

  /** How many things arrived that no side of ours sends. */
  get garbage(): number {
    return this.#garbage;
  }

  /** What the messages can be fetched from where their record may overtake them, and the bells for the other side go to. */
  connect(transport: Transport): void {
    this.#transport = transport;
  }

  message(message: unknown): void {
    if (message === 0) {
      this.#onBell();
      return;
    }
    const data = withHandles(message);
    if (!isFrame(data)) this.#garbage++;
    else if (!asideOps.has(data[0])) this.#arrived.push(data);
    // Out of turn: no record announces it.
    else if (!this.#message(data as unknown as F)) this.#garbage++;
  }

  messageError(): void {
    this.#arrived.push(unreadable);
  }

  /** Hand over up to `most` records; how many there were. */
  take(most: number): number {
    let taken = 0;
    for (; taken < most; taken++) {
      const at = this.#source.next();
      if (at < 0) break;
      // Left behind at once: nothing is handed over twice, whatever comes of it. Its words stay until the release.
      this.#source.skip(at);
      try {
        if (!this.#record(at)) this.#garbage++;
      } catch (error) {
        throwUncaught(error);
      }
    }
    // Also where there was only the marker of a wrap: the room before it may be what the writer waits for.
    if (this.#source.release()) this.#transport?.bell();
    if (taken > 0) this.#handler.onMessageEnd();
    return taken;
  }

  #record(at: number): boolean {
    const { memory } = this.#source;
    const { words } = memory;
    const head = words[at + 1] as number;
    const op = head & 0xff;
    const slot = words[at + 2] as number;
    const id = words[at + 3] as number;
    const values = this.#values;
    if (op === Op.Result || op === Op.Item) {
      let value: unknown;
      try {
        value = values.read(memory, at + 4);
      } catch {
        return this.#unreadable(slot, id);
      }
      return this.#handler.onValue(op, slot, id, value);
    }
    if (op === Op.Call) return this.#call(at, head, slot, id);
    if (op === Op.ByPort) return this.#byPort(words[at + 4] as number, slot, id);
    const frame: unknown[] = [op];
    try {
      values.next = at + 2;
      for (let index = (frameLength[op] ?? 0) - 1; index > 0; index--) frame.push(values.read(memory, values.next));
    } catch {
      return false;
    }
    return this.#handler.onFrame(frame as unknown as F);
  }

  #call(at: number, head: number, slot: number, id: number): boolean {
    const { memory } = this.#source;
    const values = this.#values;
    const job = memory.words[at + 4] as number;
    let name: string | undefined;
    let dueAt = 0;
    let carried: CarriedValues | undefined;
    const args: unknown[] = [];
    try {
      values.next = at + 5;
      if ((head & Flag.name) !== 0) name = values.read(memory, values.next) as string;
      if ((head & Flag.due) !== 0) dueAt = values.read(memory, values.next) as number;
      if ((head & Flag.carried) !== 0) carried = values.read(memory, values.next) as CarriedValues;
      for (let left = head >>> argsShift; left > 0; left--) args.push(values.read(memory, values.next));
    } catch {
      return this.#unreadable(slot, id);
    }
    const kind = ((head >>> kindShift) & 3) as CallKind;
    return this.#handler.onCall(slot, id, job, kind, args, name, dueAt, carried);
  }

  /** No writer of ours wrote this, or there is no stack left to read it on. */
  #unreadable(slot: number, id: number): boolean {
    this.#handler.onLost(slot, id);
    return false;
  }

  /** The message whose turn it is; what does not fit the record is nothing of ours. */
  #byPort(op: number, slot: number, id: number): boolean {
    for (;;) {
      if (this.#arrived.size === 0) this.#transport?.drain();
      const message = this.#arrived.shift();
      if (message === unreadable) {
        this.#handler.onLost(slot, id);
        return true;
      }
      // The thread has ended, and its port with it.
      if (message === undefined) return false;
      const data = message as F;
      const named = op === Op.Call || op === Op.CarryingCall || op === Op.Result || op === Op.Item;
      if (data[0] === op && (!named || (data[1] === slot && data[2] === id))) return this.#message(data);
      this.#garbage++;
    }
  }

  #message(frame: F): boolean {
    if (frame[0] === Op.Result || frame[0] === Op.Item)
      return this.#handler.onValue(frame[0], frame[1], frame[2], frame[3]);
    if (frame[0] !== Op.Call && frame[0] !== Op.CarryingCall) return this.#handler.onFrame(frame);
    const [, slot, id, job, kind, args, name, dueAt, carried] = frame;
    if (!Array.isArray(args) || (carried !== undefined && !Array.isArray(carried))) return false;
    return this.#handler.onCall(slot, id, job, kind, args, name, dueAt, carried);
  }
}

/** A message that could be one of ours; whether it is, the record that announces it will tell. */
function isFrame(data: unknown): data is readonly unknown[] {
  if (!Array.isArray(data)) return false;
  const op: unknown = data[0];
  return typeof op === 'number' && data.length === frameLength[op];
}
