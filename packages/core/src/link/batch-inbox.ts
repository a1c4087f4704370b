import type { Frame } from '../wire/frames.ts';
import { BatchReader } from './batch.ts';
import type { FrameHandler } from './lane.ts';
import { RecordInbox } from './record-inbox.ts';
import type { Receiver } from './transport.ts';

/** The receiving side of a port lane: batches of records, and among them the messages that their `ByPort` records announce. */
export class BatchInbox<F extends Frame> implements Receiver {
  readonly #batches = new BatchReader();
  readonly #records: RecordInbox<F>;

  constructor(handler: FrameHandler<F>) {
    this.#records = new RecordInbox(this.#batches, handler, () => {});
  }

  /** How many things arrived that no side of ours sends. */
  get garbage(): number {
    return this.#batches.garbage + this.#records.garbage;
  }

  /** All frames of a batch are handed over, and then told that this was all. */
  message(data: unknown): void {
    if (typeof data === 'string') {
      this.#batches.add(data);
      this.#records.take(Infinity);
    } else this.#records.message(data);
  }

  messageError(): void {
    this.#records.messageError();
  }
}
