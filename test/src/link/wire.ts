import type { Transferable } from 'node:worker_threads';

import type { Receiver, Transport } from 'offloop-internal/link/transport.js';

interface Message {
  readonly data: unknown;
  /** It carries one call's value alone: only such a message can fail to arrive. */
  readonly lone: boolean;
}

/** One direction of a port: what is posted is copied at once and waits until the test delivers it. */
export class Wire implements Transport {
  readonly queue: Message[] = [];
  receiver: Receiver | undefined;

  post(message: string | readonly unknown[], transfer?: readonly Transferable[]): void {
    // A SharedArrayBuffer in it stays shared.
    const data: unknown = structuredClone(message, { transfer: [...(transfer ?? [])] as ArrayBuffer[] });
    this.queue.push({ data, lone: transfer !== undefined });
  }

  bell(): void {
    this.queue.push({ data: 0, lone: false });
  }

  /** Deliver what is there. */
  drain(): void {
    for (let left = this.queue.length; left > 0; left--) this.deliver();
  }

  /** Deliver the oldest message, or lose its content as V8 does with a value that it cannot read. */
  deliver(lose = false): void {
    const message = this.queue.shift();
    if (message === undefined) return;
    if (lose && message.lone) this.receiver?.messageError();
    else this.receiver?.message(message.data);
  }
}
