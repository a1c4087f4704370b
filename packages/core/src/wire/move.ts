import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';

import { InvalidArgumentError, NotCloneableError } from '../base/errors.ts';
import { anArray, mustBe, shown } from '../base/options.ts';

/** A value with the list of what in it moves; see `move`. */
export class Moved<T> {
  readonly value: T;
  readonly transfer: readonly Transferable[];
  /** A function, so that structured clone refuses a wrapper that was left inside another value. */
  readonly onlyAsAWhole = (): void => {};

  constructor(value: T, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/**
 * Say that a value moves to the other thread instead of being copied: an argument of a job, its result, or what a stream
 * yields. Afterwards the sender's buffer is detached (HTML structured clone with transfer). Without a list the value
 * itself moves: an ArrayBuffer, a view on a whole ArrayBuffer, a MessagePort or another transferable.
 *
 * Throws InvalidArgumentError for a view on a part of a buffer, such as a small Buffer from Node's shared pool: moving it
 * would take its neighbours along. Nothing moves when the call is refused or cancelled before it was scheduled.
 *
 * @example
 * const bytes = new Uint8Array(1024);
 * const sum = await loop.run(jobs.sum(move(bytes)));
 * console.log(bytes.byteLength); // 0
 */
export function move<T>(value: T, transfer?: readonly Transferable[]): T {
  if (transfer !== undefined) mustBe('the transfer list of move', transfer, anArray);
  // To the type system the value is what the job receives; the wrapper is taken off on the way.
  return new Moved(value, transfer ?? [owned(value)]) as unknown as T;
}

/** What moves when a value moves as a whole. */
function owned(value: unknown): Transferable {
  if (ArrayBuffer.isView(value)) {
    if (value.byteLength !== value.buffer.byteLength) {
      throw new InvalidArgumentError(
        `move() of ${shown(value)}: it is a view on ${value.byteLength} of the ${value.buffer.byteLength} bytes of its buffer (small Buffers share a pool); move a copy, as in move(Uint8Array.from(view))`,
      );
    }
    return value.buffer as ArrayBuffer;
  }
  if (typeof value !== 'object' || value === null)
    throw new InvalidArgumentError(
      `move() takes an ArrayBuffer, a view, a MessagePort or another transferable object; got ${shown(value)}`,
    );
  return value as Transferable;
}

/** Throw unless every item of the list can be transferred right now, once, without taking other data along. */
export function checkTransfer(transfer: readonly Transferable[], values: readonly unknown[]): void {
  const seen = new Set<Transferable>();
  for (const [index, item] of transfer.entries()) {
    const path = `transfer[${index}]`;
    if (seen.has(item))
      throw new NotCloneableError(path, `${path} stands twice in the transfer list; an object moves once`);
    seen.add(item);
    if (!types.isArrayBuffer(item)) continue;
    if (isDetached(item))
      throw new NotCloneableError(path, `${path} is an ArrayBuffer that has been moved before and is detached`);
    if (isPooled(item, values))
      throw new NotCloneableError(
        path,
        `${path} is the pool that small Node Buffers share; moving it would detach all of them. Move a copy, as in Uint8Array.from(buffer)`,
      );
  }
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}

/** Node 20 lets the pool be transferred and with it every other small Buffer; later versions refuse by themselves. */
function isPooled(buffer: ArrayBuffer, values: readonly unknown[]): boolean {
  // Node 26 adds 64 bytes to the pool, to align it.
  const poolLike = buffer.byteLength === Buffer.poolSize || buffer.byteLength === Buffer.poolSize + 64;
  if (poolLike && Buffer.allocUnsafe(1).buffer === buffer) return true;
  return (
    poolLike &&
    values.some((value) => Buffer.isBuffer(value) && value.buffer === buffer && value.byteLength < buffer.byteLength)
  );
}
