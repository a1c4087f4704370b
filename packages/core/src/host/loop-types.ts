import type { Transferable } from 'node:worker_threads';

import type { ErrorContext } from './call-host.ts';
import type { CloseMode } from './shutdown.ts';

/*
 *   starting ── Ready ──► running ── close ──► closing ── the thread ends ──► closed
 *       │ the setup fails    │ the thread ends by itself (crash)                 ▲
 *       └────────────────────┴───────────────────────────────────────────────────┘
 */
export type LoopState = 'starting' | 'running' | 'closing' | 'closed';

export interface RunOptions {
  /** Cancels the job when it aborts; a signal that has aborted before means that nothing is sent. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds from the begin of the job; then the job is asked to cancel, and the future rejects with TimeoutError. A job
   * that blocks its thread has twenty milliseconds to see that; then it is interrupted where it is, without `catch` or
   * `finally`, and the thread, its state and its other jobs go on. Where it cannot be (it blocks after one of its awaits, or
   * outside of JavaScript; `--permission`; the loop's owner is a worker itself), it costs the thread a second later: the loop
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
  /** Calls whose timeout is over and whose job has not ended. */
  readonly zombies: number;
  /** Errors that no future carried. */
  readonly unhandled: number;
  /** Messages that no side of the library sends. */
  readonly garbage: number;
}

export interface WorkerLoopEvents {
  /** An error that nobody awaits. Without a listener it is thrown, as everywhere in Node. */
  error: [error: unknown, context: ErrorContext];
  /** The start of a job has blocked the loop for longer than `slowCallbackMs`. */
  slow: [info: { readonly job: string; readonly ms: number }];
  /** The thread has ended; `error` tells why, when it was not closed. */
  exit: [code: number, error: Error | undefined];
}
