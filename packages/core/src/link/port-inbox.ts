import { throwUncaught } from '../base/stacks.ts';
import { frameLength, Op, type CallKind, type Frame } from '../wire/frames.ts';
import type { FrameHandler } from './lane.ts';
import type { Receiver } from './transport.ts';
import { withHandles } from './travelling-handles.ts';

/** The receiving side of a port lane: takes messages apart into frames and ignores, but counts, what is none. */
export class PortInbox<F extends Frame> implements Receiver {
  readonly #handler: FrameHandler<F>;
  /** Messages that failed to arrive and whose `LoneSent` has not come yet. */
  #lost = 0;
  #garbage = 0;

  constructor(handler: FrameHandler<F>) {
    this.#handler = handler;
  }

  /** How many things arrived that no side of ours sends. */
  get garbage(): number {
    return this.#garbage;
  }

  message(message: unknown): void {
    const data = withHandles(message);
    if (!Array.isArray(data)) {
      this.#garbage++;
      return;
    }
    for (let at = 0; at < data.length;) {
      const op: unknown = data[at];
      const length = typeof op === 'number' ? (frameLength[op] ?? 0) : 0;
      if (length === 0 || at + length > data.length) {
        this.#garbage++;
        break;
      }
      this.#frame(data, at, length);
      at += length;
    }
    this.#handler.onMessageEnd();
  }

  messageError(): void {
    this.#lost++;
  }

  #frame(data: readonly unknown[], at: number, length: number): void {
    if (data[at] !== Op.LoneSent) {
      if (!handOver(this.#handler, data, at, length)) this.#garbage++;
    } else if (this.#lost > 0) {
      this.#lost--;
      this.#handler.onLost(data[at + 1] as number, data[at + 2] as number);
    }
  }
}

/**
 * Hand over the frame that stands at `at` of a message; answers whether it made sense. What one frame leads to must not
 * cost the others of its message, not even a mistake of ours.
 */
export function handOver<F extends Frame>(
  handler: FrameHandler<F>,
  data: readonly unknown[],
  at: number,
  length: number,
): boolean {
  try {
    const op = data[at] as number;
    const slot = data[at + 1] as number;
    const id = data[at + 2] as number;
    if (op === Op.Result || op === Op.Item) return handler.onValue(op, slot, id, data[at + 3]);
    if (op !== Op.Call && op !== Op.CarryingCall) return handler.onFrame(data.slice(at, at + length) as unknown as F);
    const args: unknown = data[at + 5];
    if (!Array.isArray(args)) return false;
    const job = data[at + 3] as number;
    const kind = data[at + 4] as CallKind;
    const name = data[at + 6] as string | undefined;
    const carried = op === Op.Call ? undefined : data[at + 8];
    if (carried !== undefined && !Array.isArray(carried)) return false;
    return handler.onCall(slot, id, job, kind, args, name, data[at + 7] as number, carried);
  } catch (error) {
    throwUncaught(error);
    return true;
  }
}
