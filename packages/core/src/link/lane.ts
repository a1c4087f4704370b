import type { Transferable } from 'node:worker_threads';

import { Op, type Frame } from '../wire/frames.ts';
import type { Transport } from './transport.ts';

/** A batch is sent when it has this many elements, so that the other side can start while this one still fills the next. */
const maxBatch = 1024;

/**
 * The sending side of a link. The first frame of a turn leaves at once, the rest of the turn in one message: who sends one
 * thing waits for nothing, and who sends a thousand pays for one message. Frames arrive in the order in which they were sent.
 */
export class Lane<F extends Frame> {
  readonly #transport: Transport;
  readonly #defer: (fn: () => void) => void;
  #batch: unknown[] = [];
  /** Something has left in this turn and the end of the turn will flush. */
  #turnOpen = false;
  readonly #endTurn = (): void => {
    this.#turnOpen = false;
    this.flush();
  };

  /** `defer` calls a function at the end of the turn (a microtask). */
  constructor(transport: Transport, defer: (fn: () => void) => void) {
    this.#transport = transport;
    this.#defer = defer;
  }

  /** Send a frame whose values are copies already (see `snapshot`): it must not be possible that it fails. */
  send(frame: F): void {
    if (!this.#turnOpen) {
      this.#openTurn();
      this.#transport.post(frame);
      return;
    }
    for (const element of frame) this.#batch.push(element);
    if (this.#batch.length >= maxBatch) this.flush();
  }

  /**
   * Send a frame of the call `slot`, `id` with values that structured clone has to copy or move. Throws what it throws
   * (DataCloneError); then nothing was sent or moved, and what was sent before is not affected.
   */
  sendAlone(frame: F, slot: number, id: number, transfer: readonly Transferable[]): void {
    this.flush();
    this.#transport.post(frame, transfer);
    this.#batch.push(Op.LoneSent, slot, id);
    if (!this.#turnOpen) this.#openTurn();
  }

  /** Send what waits, without waiting for the end of the turn. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#transport.post(batch);
  }

  #openTurn(): void {
    this.#turnOpen = true;
    this.#defer(this.#endTurn);
  }
}
