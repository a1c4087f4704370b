import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Transferable } from 'node:worker_threads';

import type { TimeSummary } from '../base/histogram.ts';
import type { HeapUse } from '../wire/gauges.ts';
import type { ErrorContext } from './call-host.ts';
import type { LoopState } from './loop-state.ts';
import type { CloseMode } from './shutdown.ts';

export interface RunOptions {
  /** Cancels the job when it aborts; a signal that has aborted before means that nothing is sent. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds from the begin of the job; then the job is asked to cancel, and the future rejects with TimeoutError. A job
   * that blocks its thread has twenty milliseconds to see that; then it is interrupted where it is, without `catch` or
   * `finally`, and the thread, its state and its other jobs go on. Where it cannot be (it blocks after one of its awaits, or
   * outside of JavaScript; `--permission`), it costs the thread a second later: the loop
   * crashes. `rung` of the error tells which. Default: none.
   */
  readonly timeout?: number;
  /** The name of the task, in listings and errors. */
  readonly name?: string;
  /** What of the arguments moves instead of being copied; see `move`. */
  readonly transfer?: readonly Transferable[];
}

export interface CloseOptions {
  /** `'drain'`: what was accepted runs to its end. `'cancel'`: everything is cancelled, `finally` blocks run. `'terminate'`: the
   * thread ends now, no `finally` block runs. Default `'drain'`. */
  readonly mode?: CloseMode;
  /** Milliseconds for that, before the next harder mode: drain, then cancel for a second, then terminate. Default 5,000. */
  readonly graceMs?: number;
}

export interface LoopStats {
  readonly state: LoopState;
  /** Calls that were scheduled and have not settled. */
  readonly inFlight: number;
  /** How long calls have waited for their begin: all of them while they come slowly, one of some hundred in a flood. */
  readonly waitTime: TimeSummary;
  /** How long those calls then ran, what they awaited included, until they ended in any way. */
  readonly runTime: TimeSummary;
  /**
   * How long the thread was busy and idle since it started, in milliseconds. For the share of a shorter time give two of them to
   * Node's `performance.eventLoopUtilization(later, earlier)`.
   */
  readonly utilization: EventLoopUtilization;
  /** The heap of the thread, as it was when a call last ended, or up to 100 ms before. */
  readonly heap: HeapUse;
  /** Calls whose timeout is over and whose job has not ended. */
  readonly zombies: number;
  /** The thread has ignored its termination, and goes on without a loop. */
  readonly lost: boolean;
  /** Errors that no future carried. */
  readonly unhandled: number;
  /** Messages that no side of the library sends. */
  readonly garbage: number;
}

/** What is known of a thread that is blocked. */
export interface StallInfo {
  /** The job that blocks it. Undefined where the thread does not tell: what blocks after an await, in a timer, or while a module loads. */
  readonly job: string | undefined;
  /** Milliseconds for which it has been blocked, at least. */
  readonly ms: number;
  /** Where it is, as the frames of a stack; empty where it cannot be asked, or is outside of JavaScript. */
  readonly stack: string;
}

export interface WorkerLoopEvents {
  /** An error that nobody awaits. Without a listener it is thrown, as everywhere in Node. */
  error: [error: unknown, context: ErrorContext];
  /** The start of a job has blocked the loop for longer than `slowCallbackMs`. */
  slow: [info: { readonly job: string; readonly ms: number }];
  /**
   * The thread has been blocked for longer than `stalledMs`, and still is: told once for a job. Only while somebody listens the
   * loop looks out for it, and only while calls are in flight.
   */
  stalled: [info: StallInfo];
  /** The thread has ignored its termination (`execSync`, or a loop that Node cannot stop): it goes on without the loop, until the process ends. */
  lost: [];
  /** The thread has ended; `error` tells why, when it was not closed. */
  exit: [code: number, error: Error | undefined];
}
