import { MessageChannel, MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';

import type { Signal } from './signal.ts';

/** What a link needs of the thing that carries its messages: a MessagePort in real life, a simulated one in tests. */
export interface Transport {
  /** Send one message; it is copied before this returns. Throws when it cannot be, and then nothing was sent. */
  post(message: string | readonly unknown[], transfer?: readonly Transferable[]): void;
  /** Send a message without content, which wakes the other side. */
  bell(): void;
  /** Deliver what has arrived and was not delivered yet. */
  drain(): void;
}

/** Where a transport delivers to. */
export interface Receiver {
  /** A message arrived. */
  message(data: unknown): void;
  /** A message arrived that could not be put together on this side. */
  messageError(): void;
}

// Captured here, so that a job that patches it does not cut its own loop off.
// oxlint-disable-next-line typescript/unbound-method -- always called with a port as `this`
const { postMessage } = MessagePort.prototype;

/** A post to a port whose other end is gone is answered with nothing: so it is on Node 20 to 26, which promise nothing. */
let tellsTheEnd: boolean | undefined;

function answers(port: MessagePort): boolean {
  const answer: unknown = postMessage.call(port, 0);
  return answer === true;
}

function findOut(): boolean {
  const { port1 } = new MessageChannel();
  const tells = answers(port1);
  port1.close();
  return tells;
}

/** A transport over a MessagePort. It holds neither the process nor the thread; `ref` and `unref` of the port are its owner's. */
export class PortTransport implements Transport {
  readonly #port: MessagePort;
  readonly #receiver: Receiver;
  #isClosed = false;
  /** Rung after each message, for a receiver that blocks its thread. */
  signal: Signal | undefined;

  constructor(port: MessagePort, receiver: Receiver, signal?: Signal) {
    this.#port = port;
    this.#receiver = receiver;
    this.signal = signal;
    port.on('message', (data: unknown) => receiver.message(data));
    port.on('messageerror', () => receiver.messageError());
  }

  post(message: string | readonly unknown[], transfer?: readonly Transferable[]): void {
    if (transfer === undefined || transfer.length === 0) postMessage.call(this.#port, message);
    else postMessage.call(this.#port, message, transfer);
    this.signal?.ring();
  }

  bell(): void {
    postMessage.call(this.#port, 0);
    this.signal?.ring();
  }

  /** Is anybody at the other end? Sends a bell to find out. True also where that cannot be known. */
  isConnected(): boolean {
    return answers(this.#port) || !(tellsTheEnd ??= findOut());
  }

  /** Take what has arrived and was not delivered yet. A message that cannot be put together counts as an error. */
  drain(): void {
    while (!this.#isClosed) {
      let received: { message: unknown } | undefined;
      try {
        received = receiveMessageOnPort(this.#port);
      } catch {
        this.#receiver.messageError();
        continue;
      }
      if (received === undefined) return;
      this.#receiver.message(received.message);
    }
  }

  close(): void {
    this.#port.close();
  }

  /** The port tells that it is closed: everything was delivered, and to ask it for more would crash the process (Node 20 to 26). */
  closed(): void {
    this.#isClosed = true;
  }
}
