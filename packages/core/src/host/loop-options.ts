import type { ResourceLimits, Worker, WorkerOptions } from 'node:worker_threads';

import { InvalidArgumentError } from '../base/errors.ts';
import {
  aBoolean,
  aFunction,
  anArray,
  anObject,
  anything,
  aPositiveInteger,
  aString,
  microseconds,
  milliseconds,
  oneOf,
  readOptions,
} from '../base/options.ts';
import type { Coroutine } from './coroutine.ts';

/** What happens to an error that no future carries to anybody. */
export type UnhandledPolicy = 'emit' | 'throw' | 'warn' | 'ignore';

export interface WorkerLoopOptions {
  /** Shown in errors, in listings, and as the name of the thread. Default `'loop-1'`, `'loop-2'`, … */
  readonly name?: string;
  /** A daemon loop does not keep the process alive, except while one of its futures is awaited. Default false. */
  readonly daemon?: boolean;
  /** Run first in the thread; calls wait for it. When it fails, the loop closes and every call rejects with its error. */
  readonly setup?: Coroutine<unknown>;
  /** Run last in the thread, when `close()` or `stop()` has let all work end. Not run when the thread is terminated. */
  readonly teardown?: Coroutine<unknown>;
  /** Most calls in flight, queued ones included; above it QueueFullError. Default 262,144. */
  readonly maxQueue?: number;
  /**
   * How long each side looks out for the other before it sleeps, in microseconds: about what waking costs, so that calls
   * one after another do not pay for it. Only while the threads fit the cores; 0 for never. Default 50.
   */
  readonly spin?: number;
  /**
   * What calls travel on: `'ring'`, shared memory with a port beside it, or `'port'`, messages alone. Default `'ring'`,
   * or what the environment's `OFFLOOP_LANE` says.
   */
  readonly lane?: 'ring' | 'port';
  /** Errors also tell where their job was scheduled, and `slowCallbackMs` is 100 by default. Costs some microseconds a call.
   * Default: whether the environment has `OFFLOOP_DEBUG=1`, which also tells of coroutines that were never scheduled. */
  readonly debug?: boolean;
  /** Emit `'slow'` when the start of a job blocks the loop for longer than this many milliseconds. Default: never. */
  readonly slowCallbackMs?: number;
  /** Emit `'stalled'` when the thread has been blocked for longer than this many milliseconds, while somebody listens to that. Default 1,000. */
  readonly stalledMs?: number;
  /** Milliseconds until the thread must be ready, its setup included; then the loop ends and every call rejects. Default 30,000. */
  readonly startTimeoutMs?: number;
  /** Milliseconds that a job module may take to load, top-level awaits included. Default 10,000. */
  readonly loadTimeoutMs?: number;
  /**
   * What to do with errors that nobody awaits: `'emit'` the `'error'` event (without a listener it is thrown in this thread,
   * as everywhere in Node), `'throw'` always, `'warn'` as a process warning, or `'ignore'`. Default `'emit'`.
   */
  readonly onUnhandled?: UnhandledPolicy;
  /** The first such error also cancels everything on the loop and closes it; `loop.closed` rejects with it. Default false. */
  readonly failFast?: boolean;
  /** Limits of the thread's heap and stack, as `worker_threads` has them. */
  readonly resourceLimits?: ResourceLimits;
  /** The thread's `process.env`. Default: a copy of this thread's. */
  readonly env?: WorkerOptions['env'];
  /** `workerData` of the thread, for the job modules. */
  readonly workerData?: unknown;
  /** Node options for the thread, in addition to those of the process. */
  readonly execArgv?: readonly string[];
  /** Makes the thread, for bundled programs: `() => new Worker(new URL('./worker.js', import.meta.url))`, whose file imports `offloop/worker`. */
  readonly worker?: () => Worker;
}

const checks = {
  name: aString,
  daemon: aBoolean,
  debug: aBoolean,
  setup: anObject,
  teardown: anObject,
  maxQueue: aPositiveInteger,
  spin: microseconds,
  lane: oneOf('ring', 'port'),
  slowCallbackMs: milliseconds,
  stalledMs: milliseconds,
  startTimeoutMs: milliseconds,
  loadTimeoutMs: milliseconds,
  onUnhandled: oneOf('emit', 'throw', 'warn', 'ignore'),
  failFast: aBoolean,
  resourceLimits: anObject,
  env: anything,
  workerData: anything,
  execArgv: anArray,
  worker: aFunction,
};

export interface CompleteLoopOptions extends WorkerLoopOptions {
  readonly name: string;
  readonly daemon: boolean;
  readonly debug: boolean;
  readonly maxQueue: number;
  readonly spin: number;
  readonly lane: 'ring' | 'port';
  readonly slowCallbackMs: number;
  readonly stalledMs: number;
  readonly startTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly onUnhandled: UnhandledPolicy;
  readonly failFast: boolean;
}

let made = 0;

/** A thread that the user makes has the options that the user gave it. */
function checkFactory(options: WorkerLoopOptions): void {
  if (options.worker === undefined) return;
  for (const option of ['resourceLimits', 'env', 'workerData', 'execArgv'] as const) {
    if (options[option] !== undefined) {
      throw new InvalidArgumentError(
        `options worker and ${option} of WorkerLoop exclude each other: give ${option} to the Worker that the function makes`,
      );
    }
  }
}

/** Check the options of a `WorkerLoop` and fill in the defaults. */
export function readLoopOptions(given: WorkerLoopOptions | undefined): CompleteLoopOptions {
  const options = readOptions('WorkerLoop', given, checks);
  made++;
  const { debug = process.env['OFFLOOP_DEBUG'] === '1' } = options;
  const defaults = {
    name: `loop-${made}`,
    daemon: false,
    debug,
    maxQueue: 262_144,
    spin: 50,
    lane: process.env['OFFLOOP_LANE'] === 'port' ? 'port' : 'ring',
    slowCallbackMs: debug ? 100 : Infinity,
    stalledMs: 1000,
    startTimeoutMs: 30_000,
    loadTimeoutMs: 10_000,
    onUnhandled: 'emit',
    failFast: false,
  };
  checkFactory(options);
  return Object.assign(Object.create(null) as object, defaults, options) as CompleteLoopOptions;
}
