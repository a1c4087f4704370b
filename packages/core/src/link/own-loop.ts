import { isMainThread, MessageChannel, threadId, type MessagePort } from 'node:worker_threads';

import { Contact, contactByPort, contactWith, remember } from './contact.ts';

/** What serves other threads on the loop of this thread: the guest side. */
export interface OwnLoop {
  readonly name: string;
  /** Run the calls that come on this port. */
  serve(port: MessagePort): void;
}

let make: (() => OwnLoop) | undefined;
let own: OwnLoop | undefined;
let wayToMain: ((port: MessagePort) => void) | undefined;

/** Tell how the loop of this thread is made to serve others, when that is first asked for. */
export function provideOwnLoop(factory: () => OwnLoop): void {
  make = factory;
}

/** The loop of this thread serves others from the beginning, and this is how the main loop is reached from it. */
export function setOwnLoop(loop: OwnLoop, way: (port: MessagePort) => void): void {
  own = loop;
  wayToMain = way;
}

export function ownLoop(): OwnLoop | undefined {
  own ??= make?.();
  return own;
}

/** The contact with the loop of this thread itself. */
export function ownContact(): Contact | undefined {
  const known = contactWith(threadId);
  const loop = ownLoop();
  if (known !== undefined || loop === undefined) return known;
  return remember(new Contact(threadId, loop.name, (port) => loop.serve(port)));
}

/** The contact with the main thread's loop; undefined in a thread that offloop has not started. */
export function mainContact(): Contact | undefined {
  if (isMainThread) return ownContact();
  const known = contactWith(0);
  if (known !== undefined || wayToMain === undefined) return known;
  const { port1, port2 } = new MessageChannel();
  wayToMain(port1);
  return remember(contactByPort(0, 'main', port2));
}

/** Have the main loop serve the thread at the other end of this port. */
export function introduceToMain(port: MessagePort): void {
  const main = mainContact();
  if (main === undefined) port.close();
  else main.introduce(port);
}
