import { InvalidArgumentError } from '../base/errors.ts';
import {
  aFunction,
  anAbortSignal,
  anything,
  aPositiveInteger,
  aString,
  milliseconds,
  mustBe,
  readOptions,
  shown,
  type Check,
} from '../base/options.ts';
import type { Executor } from '../host/default-executor.ts';
import { jobOfReference } from '../host/job-reference.ts';
import { defaultGraceMs } from '../host/shutdown.ts';
import { LoopPool } from '../pool/loop-pool.ts';
import { toBackoff, type Backoff, type BackoffFunction } from './backoff.ts';
import type { DeadLetter, Source } from './source.ts';

/** Where an error of a consumer comes from. */
export interface ConsumeErrorContext<T> {
  /**
   * `'job'`: an attempt failed; the message is tried again or given up. `'lease'`: the message was lost to another consumer under its
   * job. `'source'`: the source has trouble, and goes on trying. `'onGiveUp'`: that function failed. `'consumer'`: the
   * consumer cannot go on (its loop is closed, its pool broken), and closes.
   */
  readonly origin: 'job' | 'lease' | 'source' | 'onGiveUp' | 'consumer';
  /** The message, where it is about one. */
  readonly id?: string;
  readonly data?: T;
  /** The number of the attempt that failed. */
  readonly attempt?: number;
}

export interface ConsumeOptions<T> {
  /** Where the jobs run: a WorkerLoop, a LoopPool, or another executor. Default: the default executor for a job reference, else this
   * thread's loop, with coroutine consumers. It stays yours to close, after the consumer. */
  readonly on?: Executor;
  /** Run the jobs in this thread's loop: so many consumers, each of them a task that takes one message after the other. Default 1. */
  readonly consumers?: number;
  /**
   * Most messages under way at a time. Default: the loops of `on` (a pool's `max`), so that a job that blocks keeps no message
   * from others; raise it for jobs that wait, as for an HTTP answer.
   */
  readonly concurrency?: number;
  /** Stops the consumer when it aborts, as `drain(graceMs)` does. */
  readonly signal?: AbortSignal;
  /** Milliseconds that jobs may take to end when the consumer drains or closes. Default 5,000. */
  readonly graceMs?: number;
  /** Milliseconds that a job may take; then the attempt has failed, with TimeoutError. Default: none. */
  readonly timeout?: number;
  /** Deliveries that a message gets before it is given up. Default: the source's, which is 3 where nothing else is said. */
  readonly attempts?: number;
  /** The wait between them. Default: the source's. */
  readonly backoff?: Backoff;
  /** Hears of everything that goes wrong, also of attempts that are followed by others; a listener of `'error'`. */
  readonly onError?: (error: unknown, context: ConsumeErrorContext<T>) => void;
  /** Hears of each message that was put to the dead letters: to raise the alarm. What it returns is awaited before the consumer
   * has drained; a coroutine runs. */
  readonly onGiveUp?: (letter: DeadLetter<T>) => unknown;
  /** The name of the consumer, in errors and tasks. Default: the source's. */
  readonly name?: string;
}

export interface CompleteConsumeOptions<T> {
  readonly on: Executor | undefined;
  /** 0: the jobs run on an executor. */
  readonly consumers: number;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  readonly graceMs: number;
  readonly timeout: number;
  readonly attempts: number | undefined;
  readonly backoff: BackoffFunction | undefined;
  readonly onError: ConsumeOptions<T>['onError'];
  readonly onGiveUp: ConsumeOptions<T>['onGiveUp'];
  readonly name: string;
}

const aCount: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 ? undefined : 'a whole number of at least 1';

const anExecutor: Check = (value) =>
  typeof (value as Partial<Executor> | null)?.run === 'function'
    ? undefined
    : 'a WorkerLoop, a LoopPool, or another executor, which has a method run(coroutine)';

const checks = {
  on: anExecutor,
  consumers: aCount,
  concurrency: aCount,
  signal: anAbortSignal,
  graceMs: milliseconds,
  timeout: milliseconds,
  attempts: aPositiveInteger,
  backoff: anything,
  onError: aFunction,
  onGiveUp: aFunction,
  name: aString,
};

/** Check what `consume` was given, and fill in the defaults. */
export function readConsumeOptions<T>(
  source: Pick<Source<T>, 'name'>,
  job: unknown,
  given: ConsumeOptions<T> | undefined,
): CompleteConsumeOptions<T> {
  if (typeof (source as Partial<Source<T>> | null | undefined)?.consume !== 'function')
    throw new InvalidArgumentError(
      `consume takes a source, as memoryQueue() makes one, which has a method consume; got ${shown(source)}`,
    );
  mustBe('the job of consume (a job reference, or a function of the data and the delivery)', job, aFunction);
  const options = readOptions<ConsumeOptions<T>>('consume', given, checks);
  const { on, consumers, concurrency } = options;
  if (consumers !== undefined && (on !== undefined || concurrency !== undefined))
    throw new InvalidArgumentError(
      `option consumers of consume is for jobs that run in this thread, one a consumer: give it without on and concurrency; got ${consumers}`,
    );
  const isHere = consumers !== undefined || (on === undefined && jobOfReference(job) === undefined);
  const slots = consumers ?? concurrency ?? (on instanceof LoopPool ? on.max : 1);
  return {
    on,
    consumers: isHere ? slots : 0,
    concurrency: slots,
    signal: options.signal,
    graceMs: options.graceMs ?? defaultGraceMs,
    timeout: options.timeout ?? Infinity,
    attempts: options.attempts,
    backoff: options.backoff === undefined ? undefined : toBackoff('option backoff of consume', options.backoff),
    onError: options.onError,
    onGiveUp: options.onGiveUp,
    name: options.name ?? source.name,
  };
}
