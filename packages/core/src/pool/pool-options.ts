import { InvalidArgumentError } from '../base/errors.ts';
import {
  aBoolean,
  anObject,
  aPositiveInteger,
  aString,
  milliseconds,
  oneOf,
  readOptions,
  type Check,
} from '../base/options.ts';
import { readLoopOptions, type UnhandledPolicy, type WorkerLoopOptions } from '../host/loop-options.ts';
import type { RestartPolicy } from './supervisor.ts';
import { usualSize } from './usual-size.ts';

/** `setup` and `teardown` run on every loop; the other options of `WorkerLoop` are those of each loop. */
export interface LoopPoolOptions extends Omit<WorkerLoopOptions, 'maxQueue' | 'failFast'> {
  /** So many loops. Default: `os.availableParallelism()` less one for this thread, within the CPU
   * quota of the container, at least one. Not with `min` and `max`. */
  readonly size?: number;
  /** Loops that there always are. Default: `size`, or 1 where only `max` is given. */
  readonly min?: number;
  /** Loops that there are under load. Default: `size`, or `min` where that is more. */
  readonly max?: number;
  /** Most calls that wait for a loop; above it QueueFullError. Default: 100 × `concurrency` (at most 1,024) × `max`. */
  readonly maxQueue?: number;
  /** Milliseconds without work after which a loop above `min` is closed. Default 30,000. */
  readonly idleTimeout?: number;
  /**
   * Most calls that a loop has at a time: async jobs share its thread. Blocking ones are given to it one after another in
   * any case, short ones a few ahead; 1 makes it one call at a time. Default 1,024.
   */
  readonly concurrency?: number;
  /** What becomes of loops that end. */
  readonly restart?: RestartPolicy;
  /** A loop that was given so many calls is replaced when it has ended them. Default: Infinity. */
  readonly maxJobsPerLoop?: number;
  /**
   * A loop whose heap has more bytes than this in use when a call ends is replaced when it has ended those that it has. What no
   * collection has found yet counts, too, so leave room above what the jobs need. Default: Infinity.
   */
  readonly maxHeapBytesPerLoop?: number;
}

const usualConcurrency = 1024;

const aCount: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 ? undefined : 'a whole number of at least 1';

const aCountOrNone: Check = (value) =>
  (Number.isInteger(value) && (value as number) >= 0) || value === Infinity ? undefined : 'a whole number, or Infinity';

const checks: { readonly [option: string]: Check } = {
  size: aCount,
  min: aCount,
  max: aCount,
  maxQueue: aCountOrNone,
  idleTimeout: milliseconds,
  concurrency: aPositiveInteger,
  restart: anObject,
  maxJobsPerLoop: aPositiveInteger,
  maxHeapBytesPerLoop: aPositiveInteger,
  name: aString,
  daemon: aBoolean,
};

const restartChecks = {
  policy: oneOf('permanent', 'transient', 'temporary'),
  intensity: aCountOrNone,
  periodMs: milliseconds,
  backoffMs: milliseconds,
  maxBackoffMs: milliseconds,
  maxLost: aCountOrNone,
};

export interface CompletePoolOptions {
  readonly name: string;
  readonly daemon: boolean;
  readonly min: number;
  readonly max: number;
  readonly maxQueue: number;
  readonly idleTimeout: number;
  readonly concurrency: number;
  readonly maxJobsPerLoop: number;
  readonly maxHeapBytesPerLoop: number;
  readonly restart: Required<RestartPolicy>;
  readonly onUnhandled: UnhandledPolicy;
  /** For each loop. */
  readonly loop: WorkerLoopOptions;
}

let made = 0;

/** Check the options of a `LoopPool` and fill in the defaults. */
export function readPoolOptions(given: LoopPoolOptions | undefined): CompletePoolOptions {
  if (given !== undefined && anObject(given) !== undefined) readOptions('LoopPool', given, checks as never);
  const [own, loop] = split(given ?? {});
  const options = readOptions<LoopPoolOptions>('LoopPool', own, checks as never);
  // Wrong ones are told here, and not when the first loop is made.
  readLoopOptions(loop);
  made++;
  const { min, max } = readSize(options);
  const { concurrency = usualConcurrency } = options;
  return {
    name: options.name ?? `pool-${made}`,
    daemon: options.daemon ?? false,
    min,
    max,
    maxQueue: options.maxQueue ?? 100 * Math.min(concurrency, usualConcurrency) * max,
    idleTimeout: options.idleTimeout ?? 30_000,
    concurrency,
    maxJobsPerLoop: options.maxJobsPerLoop ?? Infinity,
    maxHeapBytesPerLoop: options.maxHeapBytesPerLoop ?? Infinity,
    restart: readRestart(options.restart, max),
    onUnhandled: loop.onUnhandled ?? 'emit',
    loop,
  };
}

/** The options of the pool, and those of its loops. */
function split(given: LoopPoolOptions): [own: LoopPoolOptions, loop: WorkerLoopOptions] {
  const own = Object.create(null) as Record<string, unknown>;
  const loop = Object.create(null) as Record<string, unknown>;
  for (const [option, value] of Object.entries(given)) {
    const isOwn = Object.hasOwn(checks, option) || option === 'failFast';
    (isOwn ? own : loop)[option] = value;
  }
  return [own, loop];
}

function readSize({ size, min, max }: LoopPoolOptions): { min: number; max: number } {
  if (size !== undefined && (min !== undefined || max !== undefined))
    throw new InvalidArgumentError(
      'options size, and min and max, of LoopPool exclude each other: give one or the others',
    );
  if (size !== undefined) return { min: size, max: size };
  const usual = usualSize();
  if (min === undefined && max === undefined) return { min: usual, max: usual };
  const least = min ?? 1;
  const most = max ?? Math.max(least, usual);
  if (least > most)
    throw new InvalidArgumentError(`option min of LoopPool is ${least}, which is above its max of ${most}`);
  return { min: least, max: most };
}

function readRestart(given: RestartPolicy | undefined, max: number): Required<RestartPolicy> {
  const options = readOptions<RestartPolicy>('restart', given, restartChecks);
  // Ten restarts wait for 3.3 s in all: with longer ones a loop that ends as soon as it starts would never be too many.
  const times = { periodMs: 10_000, backoffMs: 50, maxBackoffMs: 500 };
  const defaults = { policy: 'permanent', intensity: 10, maxLost: max, ...times } as const;
  return Object.assign(Object.create(null) as object, defaults, options) as Required<RestartPolicy>;
}
