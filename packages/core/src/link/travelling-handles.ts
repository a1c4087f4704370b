import { types } from 'node:util';
import { MessageChannel, threadId as ownThreadId, type MessagePort, type Transferable } from 'node:worker_threads';

import { Op, type TravellingLoop } from '../wire/frames.ts';
import { Contact, contactByPort, contactWith, remember } from './contact.ts';
import { contactOf, handleOf, isShell, type HandleShell } from './handle-shell.ts';
import { ownContact } from './own-loop.ts';
import type { Transport } from './transport.ts';

// How handles travel inside values. Structured clone refuses a handle, so values without any pay nothing for this: only when a
// message was refused, handles are looked for in it, taken out, and sent beside it with the place where each belongs:
//
//   [Loops, [{ path, threadId, name, port }, …], …frame]
//
// The first handle of a loop that goes over a link brings a port, whose other end the loop was given to serve; later ones are
// known by the thread's id. A port that arrives where the loop is known already (from another thread) is closed.

/** Deeper than this nobody puts a handle, and no stack is risked. */
const maxDepth = 200;

type Path = readonly (string | number)[];

interface Found {
  readonly path: Path;
  readonly handle: HandleShell;
}

/** The loops that the other side of one link was introduced to. */
export class Introductions {
  readonly #made = new WeakSet<Contact>();

  /** Post a message; handles in its values travel, too. Throws what the transport throws; then nothing was sent. */
  post(transport: Transport, frame: readonly unknown[], transfer: readonly Transferable[] | undefined): void {
    try {
      transport.post(frame, transfer);
    } catch (error) {
      const lifted = liftHandles(frame);
      if (lifted === undefined) throw error;
      this.#postLifted(transport, lifted, transfer ?? []);
    }
  }

  /** What of the handles travels; a port for each loop that the other side does not know. */
  make(found: readonly Found[]): TravellingLoop[] {
    return found.map(({ path, handle }) => {
      const contact = contactOf(handle);
      const { threadId, name } = contact;
      if (contact.isGone || this.#made.has(contact)) return { path, threadId, name, port: undefined };
      this.#made.add(contact);
      const { port1, port2 } = new MessageChannel();
      contact.introduce(port1);
      return { path, threadId, name, port: port2 };
    });
  }

  /** They were not sent after all. */
  undo(found: readonly Found[], loops: readonly TravellingLoop[]): void {
    for (const [index, { port }] of loops.entries()) {
      if (port === undefined) continue;
      port.close();
      this.#made.delete(contactOf((found[index] as Found).handle));
    }
  }

  #postLifted(transport: Transport, { root, found }: Lifted, transfer: readonly Transferable[]): void {
    const loops = this.make(found);
    try {
      transport.post([Op.Loops, loops, ...(root as unknown[])], [...transfer, ...portsOf(loops)]);
    } catch (error) {
      this.undo(found, loops);
      throw error;
    }
  }
}

export interface Lifted {
  /** A copy of the values in which null stands for each handle. */
  readonly root: unknown;
  readonly found: readonly Found[];
}

/** Take the handles out of a value: those in plain objects and arrays. Undefined when there is none. */
export function liftHandles(value: unknown): Lifted | undefined {
  if (!hasHandle(value, new Set(), 0)) return undefined;
  const found: Found[] = [];
  return { root: copyWithout(value, [], found, new Map()), found };
}

export function portsOf(loops: readonly TravellingLoop[]): MessagePort[] {
  return loops.flatMap(({ port }) => (port === undefined ? [] : [port]));
}

/** Put what has arrived where it belongs, in a value that has arrived. */
export function placeHandles(root: unknown[], loops: readonly TravellingLoop[]): void {
  for (const { path, threadId, name, port } of loops) {
    const target = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, root);
    const value = handleOf(meet(threadId, name, port));
    Object.defineProperty(target, path.at(-1) as string, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

/** A message as its frames, with the handles in its values; undefined when it is nothing of ours. */
export function withHandles(data: unknown): unknown {
  if (!Array.isArray(data) || data[0] !== Op.Loops) return data;
  try {
    const frame = data.slice(2) as unknown[];
    placeHandles(frame, data[1] as readonly TravellingLoop[]);
    return frame;
  } catch {
    return undefined;
  }
}

function meet(threadId: number, name: string, port: MessagePort | undefined): Contact {
  const known = threadId === ownThreadId ? ownContact() : contactWith(threadId);
  if (known !== undefined) {
    port?.close();
    return known;
  }
  // Without a port: it was known, and is gone.
  if (port === undefined) return new Contact(threadId, name, undefined);
  return remember(contactByPort(threadId, name, port));
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function hasHandle(value: unknown, met: Set<object>, depth: number): boolean {
  if (isShell(value)) return true;
  if (depth > maxDepth || !isContainer(value) || met.has(value)) return false;
  met.add(value);
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && 'value' in property && hasHandle(property.value, met, depth + 1)) return true;
  }
  return false;
}

/** Each object once, so that cycles and shared objects stay what they are; what is no plain object or array is left as it is. */
function copyWithout(value: unknown, path: Path, found: Found[], met: Map<object, object>): unknown {
  if (isShell(value)) {
    found.push({ path, handle: value });
    return null;
  }
  if (path.length > maxDepth || !isContainer(value)) return value;
  const before = met.get(value);
  if (before !== undefined) return before;
  const copy: object = Array.isArray(value) ? new Array<unknown>(value.length) : {};
  met.set(value, copy);
  for (const key of Object.keys(value)) {
    const item: unknown = (value as Record<string, unknown>)[key];
    const own = copyWithout(item, [...path, key], found, met);
    Object.defineProperty(copy, key, { value: own, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}
