import { inspect } from 'node:util';

import { UnrecoverableError } from 'bullmq';

import { CancelledError, Drop, type DeadReason } from '../index.ts';

/** The error as BullMQ is to see it: it reads the message and the stack of whatever is thrown, and takes an UnrecoverableError for final. */
export function bullmqError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(textOf(thrown), { cause: thrown });
  // BullMQ keeps the message only.
  if (error instanceof CancelledError && error.cause !== undefined)
    return new CancelledError(`${error.message}: ${textOf(error.cause)}`, { cause: error.cause });
  if (!(error instanceof Drop)) return error;
  const final = new UnrecoverableError(error.message);
  if (error.stack !== undefined) final.stack = error.stack;
  return Object.assign(final, { cause: error });
}

/** What a handler's failure means for its message, with a face that BullMQ does not take for one of its own signals. */
export class Verdict extends Error {
  readonly error: unknown;
  /** Undefined: it is tried again. */
  readonly reason: DeadReason | undefined;

  constructor(error: unknown, reason?: DeadReason) {
    super(textOf(error));
    // BullMQ goes by the name.
    if (reason === 'dropped' || reason === 'malformed') this.name = 'UnrecoverableError';
    if (error instanceof Error && error.stack !== undefined) this.stack = error.stack;
    this.error = error;
    this.reason = reason;
  }
}

/** It will never work. */
export function isFinal(error: unknown): boolean {
  return error instanceof Drop || (error as Partial<Error> | null | undefined)?.name === 'UnrecoverableError';
}

export function withCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as { readonly code?: string }).code ?? '');
}

/** A result as BullMQ can keep it: work that was done must not be done again because nobody can store what it gave. */
export function storable<R>(result: R): R {
  if (typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean' || result == null)
    return result;
  try {
    JSON.stringify(result);
    return result;
  } catch {
    return inspect(result) as R;
  }
}

export function textOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : inspect(thrown);
}
