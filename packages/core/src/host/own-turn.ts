import { MessageChannel, type MessagePort } from 'node:worker_threads';

/**
 * Hands on what arrives in the middle of anything, as an inspector's events do: V8 delivers them on top of whatever this thread is
 * doing, Node's own timers and our tables included, where nothing may be called that they could be in the middle of. All that
 * is done there is a push and the native call of a port; `handle` is called in a turn of its own, in order.
 */
export class OwnTurn<T> {
  /** Called for each that arrives, in the middle of anything: for who blocks this thread, and calls `take` when woken. */
  onArrived: (() => void) | undefined;
  readonly #handle: (item: T) => void;
  #arrived: T[] = [];
  readonly #port: MessagePort;
  readonly #post: (message: null) => void;

  constructor(handle: (item: T) => void) {
    this.#handle = handle;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#post = port2.postMessage.bind(port2);
    port1.on('message', () => this.take());
    port1.unref();
  }

  /** From anywhere. */
  push(item: T): void {
    this.#arrived.push(item);
    this.#post(null);
    this.onArrived?.();
  }

  /** What has arrived and was not handed on is dropped. */
  close(): void {
    this.#arrived = [];
    this.#port.close();
  }

  /** Hand on now what has arrived: for who blocks this thread, so that no turn comes, and is in the middle of nothing else. */
  take(): void {
    const taken = this.#arrived;
    this.#arrived = [];
    // Not a copy: what arrives between the two lines above is pushed to the one that was taken.
    for (const item of taken) this.#handle(item);
  }
}
