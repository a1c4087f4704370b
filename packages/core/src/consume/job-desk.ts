import { futureInternals } from '../asyncio/future.ts';
import { Bag } from '../base/bag.ts';
import { systemClock } from '../base/clock.ts';
import { CancelledError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Drop, LeaseLostError } from '../base/message-errors.ts';
import { throwUncaught } from '../base/stacks.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import { isInstance } from '../base/untrusted.ts';
import type { CompleteConsumeOptions, ConsumeErrorContext } from './consume-options.ts';
import type { Handled, JobCall, JobCallHost } from './job-call.ts';
import { ExecutorPlace, NoCoroutineError, TaskPlace, type ConsumeJob, type JobPlace } from './job-places.ts';
import type { Delivery } from './source.ts';

/** A message that was worked through. */
export interface DoneMessage<T> {
  readonly id: string;
  readonly data: T;
  readonly attempt: number;
  /** What the job returned. */
  readonly result: unknown;
  /** From the delivery to the end of the job, in milliseconds. */
  readonly ms: number;
}

export interface JobDeskHost<T> {
  /** Somebody wants to be told of what was worked through. */
  hearsDone(): boolean;
  /** May throw. */
  done(message: DoneMessage<T>): void;
  report(error: unknown, context: ConsumeErrorContext<T>): void;
  /** No job will run any more. */
  gone(error: Error): void;
  /** Somebody has cancelled the consumers' tasks. */
  stopped(): void;
  /** No job is under way. */
  idle(): void;
}

/*
 * How a job ended, and what its handler does with the delivery:
 *
 *   its lease was lost                                    resolves; nobody listens
 *   returned                                              resolves: acknowledged
 *   threw Drop                                            rejects: dead letter
 *   was stopped (the consumer closes, its task was
 *     cancelled), whatever it threw on its way out        never settles: given back, uncounted, when the intake closes
 *   its loop or pool is gone, before the job began        never settles, and the consumer ends
 *   there is no such job, or its module does not load     the same
 *   its loop is gone, after it                            rejects, as below, and the consumer ends
 *   threw                                                 rejects: another attempt, or the last one was that
 */

/** The jobs under way of one consumer, each for a delivery. */
export class JobDesk<T> implements JobCallHost {
  readonly timers: TimerQueue = new TimerQueue(systemClock, false);
  readonly #host: JobDeskHost<T>;
  readonly #place: JobPlace<T>;
  readonly #calls = new Bag<JobCall<T>>();
  /** Not told yet. */
  readonly #done: DoneMessage<T>[] = [];
  #stopping = false;
  doneCount = 0;
  failedCount = 0;
  lostCount = 0;
  zombieCount = 0;

  constructor(job: ConsumeJob<T>, options: CompleteConsumeOptions<T>, host: JobDeskHost<T>) {
    const { on, consumers, name, timeout } = options;
    this.#host = host;
    this.#place =
      consumers > 0
        ? new TaskPlace(consumers, name, job, timeout, this, () => host.stopped())
        : new ExecutorPlace(on, job, timeout, this);
  }

  get active(): number {
    return this.#calls.size;
  }

  /** The messages whose jobs are under way. */
  get ids(): string[] {
    return [...this.#calls].map((call) => call.delivery.id);
  }

  now(): number {
    return systemClock.now();
  }

  zombies(change: 1 | -1): void {
    this.zombieCount += change;
  }

  /** The handler of the consumer's source. */
  handle(delivery: Delivery<T>): Promise<unknown> {
    const began = this.now();
    const call = this.#place.start(delivery);
    this.#calls.add(call);
    whenAborted(delivery, (why) => {
      call.aborted = why;
      call.cancel(why);
    });
    return new intrinsics.Promise((resolve, reject) => call.handle({ resolve, reject, began }));
  }

  ended(call: JobCall<unknown>, handled: Handled): void {
    this.#calls.delete(call as JobCall<T>);
    this.#tell(call as JobCall<T>, handled);
    if (this.#calls.size === 0) this.#host.idle();
  }

  /** Cancel all; what ends by that is not failed, but given back. */
  stop(): void {
    this.#stopping = true;
    for (const call of this.#calls) call.cancel(new CancelledError('the consumer closes'));
  }

  /** Nothing is started any more. */
  close(): void {
    this.#stopping = true;
    this.#place.close();
    this.timers.clear();
  }

  #tell(call: JobCall<T>, { resolve, reject, began }: Handled): void {
    const { aborted } = call;
    const { id, data, attempt } = call.delivery;
    const outcome = futureInternals.outcomeOf(call);
    const tell = (error: unknown, origin: 'job' | 'lease'): void =>
      this.#host.report(error, { origin, id, data, attempt });
    if (isInstance(aborted, LeaseLostError)) {
      this.lostCount++;
      tell(aborted, 'lease');
      resolve(undefined);
    } else if (call.state === 'done') {
      this.doneCount++;
      if (this.#host.hearsDone()) this.#tellDone({ id, data, attempt, result: outcome, ms: this.now() - began });
      resolve(outcome);
    } else if (isInstance(outcome, Drop)) {
      this.#failed(outcome, tell, reject);
    } else if (call.wasAsked && (this.#stopping || this.#place.isStopping)) {
      // Left as it is: the intake gives it back.
    } else if (isInstance(outcome, NoCoroutineError)) {
      this.#host.gone(outcome);
    } else {
      const gone = this.#place.goneBy(outcome);
      if (gone !== 'before') this.#failed(outcome, tell, reject);
      if (gone !== undefined) this.#host.gone(outcome as Error);
    }
  }

  /** In a turn of its own, with all that come together: what a listener throws must not hurt the work, nor the other messages. */
  #tellDone(message: DoneMessage<T>): void {
    if (this.#done.push(message) > 1) return;
    intrinsics.nextTick(() => {
      for (const each of this.#done.splice(0)) {
        try {
          this.#host.done(each);
        } catch (error) {
          throwUncaught(error);
        }
      }
    });
  }

  #failed(error: unknown, tell: (error: unknown, origin: 'job') => void, reject: (error: unknown) => void): void {
    this.failedCount++;
    tell(error, 'job');
    reject(error);
  }
}

function whenAborted<T>(delivery: Delivery<T>, fn: (reason: unknown) => void): void {
  if (delivery.onAbort !== undefined) {
    delivery.onAbort(fn);
    return;
  }
  const { signal } = delivery;
  if (signal.aborted) fn(signal.reason);
  else signal.addEventListener('abort', () => fn(signal.reason), { once: true });
}
