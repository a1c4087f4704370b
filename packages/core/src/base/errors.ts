import type { ErrorCode } from './error-codes.ts';
import { named } from './named.ts';

/**
 * The base of every error that offloop makes itself. `code` is stable and machine-readable (see `errorCodes`);
 * the message says what happened, with which value, and what to do. What a job throws keeps its own class instead.
 */
export class OffloopError extends Error {
  readonly code: ErrorCode;

  static {
    named(this, 'OffloopError');
  }

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An argument or option that cannot be used. Thrown at the call, before anything is scheduled; a `TypeError`. */
export class InvalidArgumentError extends TypeError {
  readonly code: ErrorCode = 'OFFLOOP_INVALID_ARGUMENT';

  static {
    named(this, 'InvalidArgumentError');
  }
}

/** The call does not fit the object's state, as asyncio's `InvalidStateError`. */
export class InvalidStateError extends OffloopError {
  static {
    named(this, 'InvalidStateError');
  }

  constructor(message: string, code: ErrorCode = 'OFFLOOP_INVALID_STATE') {
    super(code, message);
  }
}

/**
 * How far it had to be climbed to end a job: `'cancel'`, it was asked to, and given up; `'interrupt'`, it blocked its thread and
 * was broken off. Where the job was seen blocking, the stack of the error is where it was.
 */
export type CancelRung = 'cancel' | 'interrupt';

/**
 * The work was cancelled. `name` is `'AbortError'` and `code` is `'ABORT_ERR'`, as everywhere in Node;
 * `cause` is the reason that was given to `cancel()` or to the `AbortController`. `rung` is there after a forced cancel that
 * the job did not follow in time.
 */
export class CancelledError extends OffloopError {
  declare readonly rung?: CancelRung;

  static {
    named(this, 'AbortError');
  }

  constructor(message = 'cancelled', options?: ErrorOptions & { readonly rung?: CancelRung }) {
    super('ABORT_ERR', message, options);
    if (options?.rung !== undefined) this.rung = options.rung;
  }

  /** What `cancel(reason)` rejects with: the reason itself when it is a CancelledError, else one that has it as its cause. */
  static from(reason: unknown, message?: string): CancelledError {
    if (reason instanceof CancelledError) return reason;
    return reason === undefined ? new CancelledError(message) : new CancelledError(message, { cause: reason });
  }
}

/** The time given was over first. `name` is `'TimeoutError'`, as `AbortSignal.timeout` has it. For a job it has a `rung`. */
export class TimeoutError extends OffloopError {
  declare readonly rung?: CancelRung;

  static {
    named(this, 'TimeoutError');
  }

  constructor(message: string, options?: ErrorOptions & { readonly rung?: CancelRung }) {
    super('OFFLOOP_TIMEOUT', message, options);
    if (options?.rung !== undefined) this.rung = options.rung;
  }
}

/** A job threw `null`, a string, or anything else that is not an Error; `cause` is that value. */
export class JobError extends OffloopError {
  static {
    named(this, 'JobError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_JOB_THREW', message, options);
  }
}

/** The job module has no exported function of that name; the message lists those it has. */
export class UnknownJobError extends OffloopError {
  static {
    named(this, 'UnknownJobError');
  }

  constructor(message: string) {
    super('OFFLOOP_UNKNOWN_JOB', message);
  }
}

/** The job module could not be loaded; `cause` is what the runtime said. The loop lives and other modules work. */
export class ModuleLoadError extends OffloopError {
  static {
    named(this, 'ModuleLoadError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_MODULE_LOAD', message, options);
  }
}

/**
 * What should travel with a call does not (see `carry`): `get` threw, and the call was not sent; or `run` did not run the job.
 * `cause` is what it threw.
 */
export class CarryError extends OffloopError {
  static {
    named(this, 'CarryError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_CARRY', message, options);
  }
}

/** A value that structured clone refuses; `path` leads to the culprit, as in `result.user.onClick`. */
export class NotCloneableError extends OffloopError {
  readonly path: string;

  static {
    named(this, 'NotCloneableError');
  }

  constructor(path: string, message: string, options?: ErrorOptions) {
    super('OFFLOOP_NOT_CLONEABLE', message, options);
    this.path = path;
  }
}

/** `for await` over a job that is not an async generator, or `await` on one that is. */
export class StreamUseError extends OffloopError {
  static {
    named(this, 'StreamUseError');
  }
}

/** A bounded queue has no room. Nothing was queued; try again later or raise the limit. */
export class QueueFullError extends OffloopError {
  static {
    named(this, 'QueueFullError');
  }

  constructor(message: string) {
    super('OFFLOOP_QUEUE_FULL', message);
  }
}

/** `getNowait()` found nothing. */
export class QueueEmptyError extends OffloopError {
  static {
    named(this, 'QueueEmptyError');
  }

  constructor(message: string) {
    super('OFFLOOP_QUEUE_EMPTY', message);
  }
}

/** The queue was shut down. */
export class QueueShutDownError extends OffloopError {
  static {
    named(this, 'QueueShutDownError');
  }

  constructor(message: string) {
    super('OFFLOOP_QUEUE_SHUT_DOWN', message);
  }
}

/** The loop is closing or closed: it takes no more work, or gave this work up when it closed. */
export class LoopClosedError extends OffloopError {
  static {
    named(this, 'LoopClosedError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_LOOP_CLOSED', message, options);
  }
}

/** The thread ended under its jobs. `exitCode` is the thread's; `cause` is the fatal error where there was one. */
export class LoopCrashedError extends OffloopError {
  readonly exitCode: number;

  static {
    named(this, 'LoopCrashedError');
  }

  constructor(message: string, exitCode: number, options?: ErrorOptions, code: ErrorCode = 'OFFLOOP_LOOP_CRASHED') {
    super(code, message, options);
    this.exitCode = exitCode;
  }
}

/** The loops of this process have as many threads as they may (`OFFLOOP_MAX_THREADS`); none was started. */
export class ThreadBudgetError extends OffloopError {
  static {
    named(this, 'ThreadBudgetError');
  }

  constructor(message: string) {
    super('OFFLOOP_TOO_MANY_THREADS', message);
  }
}

/** The pool has given up restarting its loops (option `restart`); `cause` is what ended the last one. Nothing runs on it again. */
export class PoolBrokenError extends OffloopError {
  static {
    named(this, 'PoolBrokenError');
  }

  constructor(message: string, options?: ErrorOptions) {
    super('OFFLOOP_POOL_BROKEN', message, options);
  }
}

/** A thread cannot be looked into; the message says why: this process has no inspector, or the thread does not answer. */
export class InspectionError extends OffloopError {
  static {
    named(this, 'InspectionError');
  }

  constructor(message: string) {
    super('OFFLOOP_NOT_INSPECTABLE', message);
  }
}

/** Work resisted `close()` until the deadline; `unsettled` names it. The thread was ended all the same. */
export class CloseTimeoutError extends OffloopError {
  readonly unsettled: readonly string[];

  static {
    named(this, 'CloseTimeoutError');
  }

  constructor(message: string, unsettled: readonly string[]) {
    super('OFFLOOP_CLOSE_TIMEOUT', message);
    this.unsettled = unsettled;
  }
}
