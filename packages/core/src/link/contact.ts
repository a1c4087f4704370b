import { MessagePort } from 'node:worker_threads';

import { Op } from '../wire/frames.ts';

/*
 * What a thread knows of a loop that it can call. There is one contact, and one handle, per loop and thread:
 *
 *   owned   a WorkerLoop of this thread              calls travel on its own link
 *   own     the loop of this thread itself           a port of its own, made when the handle is first used here
 *   met     a handle has arrived, and with it a port whose other end was given to the loop
 *
 *   met:  asleep ── the handle is first used here (adopt) ──► in use
 *           └───────────────┴── the port closes: the loop is gone ──► gone
 *
 * A port belongs to the contact, is unreferenced except while a future is awaited, and is closed by the end of either thread.
 * Whoever can reach a loop can introduce others to it: it makes a channel, has the loop serve one end, and sends the other.
 */
export class Contact {
  readonly threadId: number;
  readonly name: string;
  /** This thread's end of the link, where it has one to itself. */
  readonly port: MessagePort | undefined;
  /** What the host side has made of it: calls go through that. */
  host: unknown;
  /** Told once, when the loop can't be reached any more. */
  onGone: (() => void) | undefined;
  #introduce: ((port: MessagePort) => void) | undefined;
  #isClosing = false;

  /** `introduce` has the loop serve one more thread, on this port; undefined for a loop that is gone. */
  constructor(
    threadId: number,
    name: string,
    introduce: ((port: MessagePort) => void) | undefined,
    port?: MessagePort,
  ) {
    this.threadId = threadId;
    this.name = name;
    this.#introduce = introduce;
    this.port = port;
    if (port === undefined) return;
    port.once('close', () => this.gone());
    // Also where nobody listens: the end of a port is told behind the messages that it brings.
    port.on('message', this.#onMessage);
    port.unref();
  }

  get isGone(): boolean {
    return this.#introduce === undefined;
  }

  /** The loop has said that it takes no more work, before anybody here has called it. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Have the loop serve another thread on this port; nothing happens when it is gone. */
  introduce(port: MessagePort): void {
    if (this.#introduce === undefined) port.close();
    else this.#introduce(port);
  }

  /** Somebody listens to the port from now on. */
  adopted(): void {
    this.port?.off('message', this.#onMessage);
    this.port?.unref();
  }

  gone(): void {
    if (this.isGone) return;
    this.#introduce = undefined;
    if (contacts.get(this.threadId) === this) contacts.delete(this.threadId);
    this.onGone?.();
  }

  /** Of all that a loop sends, these come by themselves; the rest is in batches, and of no use to who has not called. */
  readonly #onMessage = (data: unknown): void => {
    const op: unknown = Array.isArray(data) ? data[0] : undefined;
    if (op === Op.Closing || op === Op.Exiting) this.#isClosing = true;
  };
}

// Captured here, so that a job that patches it does not cut its own loop off.
// oxlint-disable-next-line typescript/unbound-method -- always called with a port as `this`
const { postMessage } = MessagePort.prototype;

/** A contact by a port whose other end a loop serves, or is going to. */
export function contactByPort(threadId: number, name: string, port: MessagePort): Contact {
  return new Contact(threadId, name, (other) => postMessage.call(port, [Op.Connect, other], [other]), port);
}

const contacts = new Map<number, Contact>();

/** The contact with the loop of this thread id, if there is one that lives. */
export function contactWith(threadId: number): Contact | undefined {
  return contacts.get(threadId);
}

/** Remember a contact until it is gone. */
export function remember(contact: Contact): Contact {
  contacts.set(contact.threadId, contact);
  return contact;
}

/** How many loops this thread has a contact with. */
export function contactCount(): number {
  return contacts.size;
}
