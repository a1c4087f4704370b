import type { EventLoopUtilization } from 'node:perf_hooks';

import type { TimeSummary } from '../base/histogram.ts';
import type { ErrorContext } from '../host/call-host.ts';
import type { RunOptions, StallInfo } from '../host/loop-types.ts';
import type { HeapUse } from '../wire/gauges.ts';

export interface PoolRunOptions extends RunOptions {
  /**
   * Milliseconds from now, the time in line included; then the future rejects with TimeoutError. A call that waits never
   * runs, one that runs is asked to cancel and treated as with `timeout`. Default: none.
   */
  readonly deadline?: number;
  /**
   * The job may run twice: when its loop ends under it, it is run again on another, three times at most,
   * instead of rejecting with LoopCrashedError. Not with `transfer` or `move`, which leave nothing to send again. Default false.
   */
  readonly idempotent?: boolean;
  /**
   * Calls with a higher one leave the line first, from -100 to 100; one step is worth a second of waiting, so that nothing
   * waits for ever. Default 0.
   */
  readonly priority?: number;
  /**
   * Calls with the same key, any value, run on the same loop as long as that lives, and start in order (those of one
   * priority): for what a loop keeps in memory. Some 65,000 keys are remembered.
   */
  readonly affinity?: unknown;
}

export interface PoolStats {
  readonly state: PoolState;
  /** Loops that have a thread, those that start or end too. */
  readonly loops: number;
  /** Calls that wait for room on a loop. */
  readonly waiting: number;
  /** Calls that a loop has. */
  readonly inFlight: number;
  /** Calls that a loop has settled, however they ended. */
  readonly settled: number;
  /** How long calls have waited in the pool for a loop with room: all of them while they come slowly, one of some hundred in a flood. */
  readonly waitTime: TimeSummary;
  /** How long those that loops have sampled ran, what they awaited included; of all loops, those too that are gone. */
  readonly runTime: TimeSummary;
  /** How long the threads that there are were busy and idle, all together; see `LoopStats`. */
  readonly utilization: EventLoopUtilization;
  /** The heaps of their threads, all together. */
  readonly heap: HeapUse;
  /** Loops started in place of others that ended. */
  readonly restarts: number;
  /** Calls that were run again because their loop ended. */
  readonly reruns: number;
  /** Calls whose timeout is over and whose job has not ended. */
  readonly zombies: number;
  /** Threads that have ignored their termination, and go on without the pool. */
  readonly lost: number;
  /** Errors that no future carried. */
  readonly unhandled: number;
}

/*
 *   running ── close ──► closing ── the last thread ends ──► closed
 *      └── too many restarts, or no loop left ──► broken ── close ──► closed
 */
export type PoolState = 'running' | 'closing' | 'closed' | 'broken';

export interface LoopPoolEvents {
  /** An error that nobody awaits. Without a listener it is thrown, as everywhere in Node. */
  error: [error: unknown, context: ErrorContext];
  /** The start of a job has blocked a loop for longer than `slowCallbackMs`. */
  slow: [info: { readonly job: string; readonly ms: number; readonly loop: string }];
  /** A loop has ended (`error` tells why), and another is started in its place. */
  restart: [info: { readonly loop: string; readonly error: Error | undefined }];
  /** The thread of a loop has been blocked for longer than `stalledMs`, and still is; see `WorkerLoopEvents`. */
  stalled: [info: StallInfo & { readonly loop: string }];
  /** The thread of a loop has ignored its termination. It goes on without the pool until the process ends; `restart.maxLost` limits how many. */
  lost: [info: { readonly loop: string }];
  /** The pool has given up. */
  broken: [error: Error];
}
