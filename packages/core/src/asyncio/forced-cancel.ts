import { aBoolean, anything, milliseconds, readOptions } from '../base/options.ts';

/**
 * A cancel that does not take no for an answer: when the job has not ended `graceMs` milliseconds after it was asked, its
 * future is cancelled without it, and its `rung` tells how. A job that blocks its thread is then interrupted where it is,
 * without `catch` or `finally`, and costs no thread; where that cannot be done it costs the thread, as with the option
 * `timeout` of `run`. What runs in this very thread can only be asked. `gather` and `waitFor` hand it on.
 *
 * @example
 * const stuck = loop.run(jobs.fib(60));
 * while (stuck.state === 'pending') await sleep(1);
 * stuck.cancel({ force: true, graceMs: 20 });
 * await stuck.catch((error) => console.log((error as CancelledError).rung)); // interrupt
 */
export interface ForcedCancel {
  readonly force: boolean;
  /** Milliseconds for the job to end by itself, its `finally` blocks included. Default 100. */
  readonly graceMs?: number;
  /** Becomes the `cause` of the CancelledError. */
  readonly reason?: unknown;
}

const defaultGraceMs = 100;

/** What `cancel` was called with, as a reason, and for a forced one the time that is left to the job. */
export function readCancel(given: unknown): readonly [reason: unknown, graceMs: number | undefined] {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, 'force')) return [given, undefined];
  const checks = { force: aBoolean, graceMs: milliseconds, reason: anything };
  const { force, graceMs = defaultGraceMs, reason } = readOptions('cancel', given as ForcedCancel, checks);
  return [reason, force ? graceMs : undefined];
}

/** The same again, to hand a cancel on. */
export function cancelWith(reason: unknown, graceMs: number | undefined): unknown {
  return graceMs === undefined ? reason : ({ force: true, graceMs, reason } satisfies ForcedCancel);
}
