import type { MessagePort } from 'node:worker_threads';

import type { TravellingLoop } from './frames.ts';
import type { GaugeBuffers } from './gauges.ts';

/** A job to run without a call: the setup and the teardown of a loop. */
export interface NamedJob {
  readonly url: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Marks the first message to a worker as ours; a worker of another version of the library says so instead of guessing. */
export const initFamily = 'offloop.init.';
export const initKey = 'offloop.init.7';

/** The first message to a new thread; everything else travels on `port`. */
export interface Init {
  readonly key: typeof initKey;
  readonly port: MessagePort;
  /** The two rings of the link; undefined where it has a port only. */
  readonly rings: InitRings | undefined;
  /** Where the thread tells of itself. */
  readonly gauges: GaugeBuffers;
  /** The table of threads, with the places of the owner and of this one; see `ThreadTable`. */
  readonly threads: { readonly table: SharedArrayBuffer; readonly owner: number; readonly own: number };
  /** The handles in [workerData, the arguments of the setup, those of the teardown], each with the place where it belongs. */
  readonly loops: readonly TravellingLoop[];
  /** The main loop, where the owner is another one. */
  readonly main: TravellingLoop | undefined;
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
