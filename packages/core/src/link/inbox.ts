import { throwUncaught } from '../base/stacks.ts';
import { frameLength, Op, type Frame } from '../wire/frames.ts';
import type { Receiver } from './transport.ts';

/** What an inbox tells its owner. */
export interface FrameHandler<F extends Frame> {
  /** A frame arrived. Returns false when it makes no sense here; it is counted as garbage. */
  onFrame(frame: F): boolean;
  /** The frame that carried this call's value could not be put together on this side. */
  onLost(slot: number, id: number): void;
  /** All frames of a message have been handed over. */
  onMessageEnd(): void;
}

/** The receiving side of a link: takes messages apart into frames and ignores, but counts, what is none. */
export class Inbox<F extends Frame> implements Receiver {
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

  message(data: unknown): void {
    if (!Array.isArray(data)) {
      this.#garbage++;
      return;
    }
    for (let at = 0; at < data.length;) {
      const length = frameLength.get(data[at] as number);
      if (length === undefined || at + length > data.length) {
        this.#garbage++;
        break;
      }
      this.#frame(data.slice(at, at + length) as unknown as F);
      at += length;
    }
    this.#handler.onMessageEnd();
  }

  messageError(): void {
    this.#lost++;
  }

  #frame(frame: F): void {
    if (frame[0] === Op.LoneSent) {
      if (this.#lost === 0) return;
      this.#lost--;
      this.#handler.onLost(frame[1], frame[2]);
    } else if (!this.#handle(frame)) this.#garbage++;
  }

  /** What one frame leads to must not cost the others of its message, not even a mistake of ours. */
  #handle(frame: F): boolean {
    try {
      return this.#handler.onFrame(frame);
    } catch (error) {
      throwUncaught(error);
      return true;
    }
  }
}
