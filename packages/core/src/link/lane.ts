import type { CarriedValues } from '../base/carriers.ts';
import type { AsideFrame, CallKind, Frame, ItemOp } from '../wire/frames.ts';
import type { CallRequest } from './call-request.ts';

/*
 * A link has two sides, and each side a lane that it sends on and a handler that hears what arrives:
 *
 *   caller: CallerLink ── lane ─────────────────► handler: GuestLink
 *           CallerLink ◄ handler ────────── lane ── GuestLink
 *
 * There are two kinds of lanes, which differ in what the records of a `RecordLane` lie in until a `RecordInbox` reads them:
 * shared memory (the ring lane), or messages on a MessagePort (the port lane); see records.ts. What no record takes is posted
 * on the port in both. They keep the order in which frames were sent, and take values as they are when they are sent.
 */

/** The sending side of a link. */
export interface Lane<F extends Frame> {
  /** Send a call. Throws when its arguments cannot be sent; then nothing was sent and nothing moved. */
  call(slot: number, id: number, request: CallRequest): void;
  /** Send a result or an item. Throws what structured clone throws; then nothing was sent and nothing moved. */
  value(op: ItemOp, slot: number, id: number, value: unknown): void;
  /** Send a frame whose values can be copied for certain. */
  send(frame: F): void;
  /** Send what waits, without waiting for the end of the turn. */
  flush(): void;
  /** Call `fn` once, when all that was sent is where the other side finds it, also if this thread has ended by then. */
  whenSent(fn: () => void): void;
  /** Send one of the frames that go out of turn: at once, and not ordered with the others. */
  sendAside(frame: F & AsideFrame): void;
}

/** The receiving side of a link. Each answers whether what arrived makes sense here; what does not is counted as garbage. */
export interface FrameHandler<F extends Frame> {
  /** Calls and values are handed over in parts: they are what arrives by the million. */
  onCall(
    slot: number,
    id: number,
    job: number,
    kind: CallKind,
    args: readonly unknown[],
    name: string | undefined,
    dueAt: number,
    carried: CarriedValues | undefined,
  ): boolean;
  onValue(op: ItemOp, slot: number, id: number, value: unknown): boolean;
  onFrame(frame: F): boolean;
  /** The message that carried this call's value could not be put together on this side. */
  onLost(slot: number, id: number): void;
  /** What had arrived has been handed over. */
  onMessageEnd(): void;
}

/** One side of a link: what it sends on, and what it can do with what arrives. */
export interface Connection<F extends Frame> {
  readonly lane: Lane<F>;
  /** How many things arrived that no side of ours sends. */
  readonly garbage: number;
  /** An answer is due: look out for it, as far as that is worth it. */
  expect(): void;
  /** Take in all that has arrived, now. */
  readArrived(): void;
  /** Before this thread blocks: have the other side tell of what comes next. False when something has come already. */
  park(): boolean;
  /** Does the other side live? */
  isConnected(): boolean;
  /** The other side is gone. `isSure`: its thread has ended, so nothing of it touches any more what it shared with this one. */
  end(isSure: boolean): void;
}
