import type { Transferable } from 'node:worker_threads';

import type { Carried, CarriedValues } from '../base/carriers.ts';
import { InvalidArgumentError, NotCloneableError } from '../base/errors.ts';
import { fromWire, type WireThrown } from '../wire/error-codec.ts';
import { CallKind, Op } from '../wire/frames.ts';
import { Moved } from '../wire/move.ts';
import { culpritError, notCloneable, pack, type Packed } from '../wire/values.ts';

/** A job as it is named on every link of the process. */
export interface JobName {
  /** Counts the job references of this thread; a link announces each once and then sends only this number. */
  readonly index: number;
  readonly url: string;
  readonly name: string;
}

export interface CallRequest {
  readonly job: JobName;
  readonly args: readonly unknown[];
  readonly kind: CallKind;
  readonly name: string | undefined;
  readonly transfer: readonly Transferable[] | undefined;
  /** When to run it, by the shared clock in milliseconds; 0 for at once. */
  readonly dueAt: number;
  /** What travels with it; undefined when nothing does. */
  readonly carried: Carried | undefined;
}

/** A request with all of its fields: none may be looked up on `Object.prototype`, which may be polluted. */
export function makeRequest(
  job: JobName,
  args: readonly unknown[],
  kind: CallKind,
  dueAt: number = 0,
  name?: string,
  transfer?: readonly Transferable[],
  carried?: Carried,
): CallRequest {
  return { job, args, kind, dueAt, name, transfer, carried };
}

/** What of the options of a run a link is told. */
export interface CallOptions {
  readonly timeout?: number;
  readonly name?: string;
  readonly transfer?: readonly Transferable[];
}

/** What a coroutine describes, to be run with these options. */
export function requestWith({ job, args, carried }: CallRequest, options: CallOptions): CallRequest {
  const { timeout, name, transfer } = options;
  const kind = timeout === undefined ? CallKind.future : CallKind.timed;
  return makeRequest(job, args, kind, 0, name, transfer, carried);
}

/** Can the same be sent once more? Not where an argument has moved to the other side. */
export function isResendable({ args }: CallRequest, transfer: readonly Transferable[] | undefined): boolean {
  return transfer === undefined && !args.some((each) => each instanceof Moved);
}

/** The frame of a call, for messages. */
export function callFrame(
  slot: number,
  id: number,
  { job, kind, name, dueAt }: CallRequest,
  { values, carried }: PackedCall,
): unknown[] {
  return carried === undefined
    ? [Op.Call, slot, id, job.index, kind, values, name, dueAt]
    : [Op.CarryingCall, slot, id, job.index, kind, values, name, dueAt, carried];
}

/** A call's arguments, and what travels with it, ready to be sent. */
export interface PackedCall extends Packed {
  readonly carried?: CarriedValues;
}

/** Make the arguments of a call ready to be sent; throws NotCloneableError for those that a look already refuses. */
export function packArguments(request: CallRequest): PackedCall {
  const { args, transfer, carried } = request;
  try {
    const packed = pack(args, transfer);
    return carried === undefined ? packed : withLuggage(packed, carried.values);
  } catch (error) {
    // A Proxy in an argument threw while it was looked at.
    throw error instanceof NotCloneableError ? error : refusedArguments(request, args, error);
  }
}

function withLuggage(packed: Packed, carried: CarriedValues): PackedCall {
  const luggage = pack(carried);
  if (luggage.transfer.length > 0) throw new TypeError('what travels with a call is copied, and cannot be moved');
  return { ...packed, carried: luggage.values };
}

/** The error for arguments, or what travels with them, that structured clone has refused, or for what cannot be moved with them. */
export function refusedArguments(
  { job, carried }: CallRequest,
  args: readonly unknown[],
  cause: unknown,
  transfer: readonly Transferable[] = [],
): Error {
  const luggage = carried?.values ?? [];
  const values = [...args, ...luggage];
  const names = (index: number): string =>
    index < args.length
      ? `argument ${index + 1} of ${job.name}`
      : `${String(luggage[index - args.length - 1])} carried to ${job.name}`;
  const culprit = culpritError(values, names, cause, transfer);
  if (culprit !== undefined || transfer.length === 0) return culprit ?? notCloneable(values, names, cause);
  return new InvalidArgumentError(
    `the transfer list of ${job.name} has an item that cannot be moved; it takes ArrayBuffers, MessagePorts and other transferable objects`,
    { cause },
  );
}

/** The error that a failed call gives to its owner. */
export function errorOf(thrown: WireThrown, job: string, loop: string): Error {
  return fromWire(thrown, `job ${job} on loop '${loop}'`);
}
