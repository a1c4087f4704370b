import type { Transferable } from 'node:worker_threads';

import type { PeerCall } from '../wire/peer-call.ts';

/** What another library's pool runs: always the same export of the same file, which then runs the job. */
export interface PeerTask {
  readonly filename: string;
  readonly name: string;
  readonly transferList: readonly Transferable[];
  /** Aborting it ends the thread that runs the task. */
  readonly signal: AbortSignal | undefined;
}

/** What the adapters need of a pool; one of these is written for each library. */
export interface PeerPool {
  /** Its name in errors, as in `a Piscina`. */
  readonly kind: string;
  /** A thread runs one task at a time, so that ending it hurts no other. */
  readonly isExclusive: boolean;
  run(call: PeerCall, task: PeerTask): Promise<unknown>;
  /** A call was given to the pool, or has settled: its threads may be others than before. */
  threadsMayHaveChanged(): void;
}

export interface PeerExecutorOptions {
  /**
   * Milliseconds that a running job may take to end after it was cancelled; then its thread is ended and replaced. Default
   * 1,000. Of no effect where a thread runs several jobs at a time (`concurrentTasksPerWorker`): ending it would hurt them.
   */
  readonly graceMs?: number;
}

export interface PeerRunOptions {
  /** Cancels the job when it aborts. */
  readonly signal?: AbortSignal;
}
