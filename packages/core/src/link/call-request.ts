import type { Transferable } from 'node:worker_threads';

import { InvalidArgumentError, NotCloneableError } from '../base/errors.ts';
import { fromWire, type WireThrown } from '../wire/error-codec.ts';
import type { CallKind } from '../wire/frames.ts';
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
}

/** A request with all of its fields: none may be looked up on `Object.prototype`, which may be polluted. */
export function makeRequest(
  job: JobName,
  args: readonly unknown[],
  kind: CallKind,
  dueAt: number = 0,
  name?: string,
  transfer?: readonly Transferable[],
): CallRequest {
  return { job, args, kind, dueAt, name, transfer };
}

/** Make the arguments of a call ready to be sent; throws NotCloneableError for those that a look already refuses. */
export function packArguments({ job, args, transfer }: CallRequest): Packed {
  try {
    return pack(args, transfer);
  } catch (error) {
    // A Proxy in an argument threw while it was looked at.
    throw error instanceof NotCloneableError ? error : refusedArguments(job, args, error);
  }
}

/** The error for arguments that structured clone has refused, or for what cannot be moved with them. */
export function refusedArguments(
  job: JobName,
  args: readonly unknown[],
  cause: unknown,
  transfer: readonly Transferable[] = [],
): Error {
  const names = (index: number): string => `argument ${index + 1} of ${job.name}`;
  const culprit = culpritError(args, names, cause, transfer);
  if (culprit !== undefined || transfer.length === 0) return culprit ?? notCloneable(args, names, cause);
  return new InvalidArgumentError(
    `the transfer list of ${job.name} has an item that cannot be moved; it takes ArrayBuffers, MessagePorts and other transferable objects`,
    { cause },
  );
}

/** The error that a failed call gives to its owner. */
export function errorOf(thrown: WireThrown, job: string, loop: string): Error {
  return fromWire(thrown, `job ${job} on loop '${loop}'`);
}
