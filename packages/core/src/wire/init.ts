import type { MessagePort } from 'node:worker_threads';

import type { GaugeBuffers } from './gauges.ts';

/** A job to run without a call: the setup and the teardown of a loop. */
export interface NamedJob {
  readonly url: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Marks the first message to a worker as ours; a worker of another version of the library says so instead of guessing. */
export const initFamily = 'offloop.init.';
export const initKey = 'offloop.init.5';

/** The first message to a new thread; everything else travels on `port`. */
export interface Init {
  readonly key: typeof initKey;
  readonly port: MessagePort;
  /** The two rings of the link; undefined where it has a port only. */
  readonly rings: InitRings | undefined;
  /** What to ring for a caller that blocks its thread; see `Signal`. */
  readonly signal: SharedArrayBuffer;
  /** Where the thread tells of itself. */
  readonly gauges: GaugeBuffers;
  /** The threads of this process, and the place of this one among them; see `ThreadBudget`. */
  readonly threads: SharedArrayBuffer;
  readonly place: number;
  readonly name: string;
  /** The URL of the file that the process was started with. */
  readonly entry: string | undefined;
  readonly setup: NamedJob | undefined;
  readonly teardown: NamedJob | undefined;
  readonly slowCallbackMs: number;
  readonly loadTimeoutMs: number;
}

/** The shared memory of a ring lane. */
export interface InitRings {
  readonly toGuest: SharedArrayBuffer;
  readonly toCaller: SharedArrayBuffer;
  /** See `Awake`; `place` is this loop's. */
  readonly awake: SharedArrayBuffer;
  readonly place: number;
  /** Milliseconds to look out for the next call before sleeping. */
  readonly spinMs: number;
}
