import { EventEmitter } from 'node:events';

import { systemClock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { CloseTimeoutError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { milliseconds, mustBe, oneOf, readOptions } from '../base/options.ts';
import { tally } from '../base/tally.ts';
import { unwatchAbort, watchAbort } from '../host/abort-watch.ts';
import type { CloseOptions } from '../host/loop-types.ts';
import { Shutdown } from '../host/shutdown.ts';
import type { CompleteConsumeOptions, ConsumeErrorContext } from './consume-options.ts';
import type { ConsumerEvents, ConsumerHealth, ConsumerState, ConsumerStats } from './consumer-types.ts';
import { JobDesk } from './job-desk.ts';
import type { ConsumeJob } from './job-places.ts';
import type { DeadLetter, Intake, Source } from './source.ts';

const closeChecks = { mode: oneOf('drain', 'cancel', 'terminate'), graceMs: milliseconds };

/*
 *   running ◄── resume ── pause ──► paused
 *      │ close, drain, signal         │
 *      └────────► closing ◄───────────┘           (its stages and their deadlines: Shutdown, as of a loop)
 *                    │ drain: no message is taken, jobs end, the source stores how ── time over ──► cancel
 *                    │ cancel: jobs are cancelled, and end by that or by themselves ── a second over ──► terminate
 *                    ▼ terminate: jobs are left alone
 *                 the intake closes: what is unsettled is given back ──► closed
 *
 *   The intake fails, or the jobs' loop or pool is gone: from each state to the last step, and `closed` rejects.
 */

/** Messages of a source at work; `consume` makes it. */
export class Consumer<T> extends EventEmitter<ConsumerEvents<T>> {
  readonly name: string;
  readonly #options: CompleteConsumeOptions<T>;
  readonly #desk: JobDesk<T>;
  readonly #intake: Intake;
  readonly #shutdown: Shutdown;
  readonly #closed = deferred<void>();
  readonly #onAbort: () => void;
  /** Calls of `onGiveUp` under way. */
  readonly #alarms = new Set<Promise<void>>();
  #isPaused = false;
  #isCancelling = false;
  #isFinishing = false;
  #givenUp = 0;
  #failure: Error | undefined;
  #unsettled: readonly string[] = [];

  static {
    inspectable(this, (consumer) => {
      const { state, active, done } = consumer.stats();
      return `<Consumer '${consumer.name}' ${state} active=${active} done=${done}>`;
    });
  }

  constructor(source: Source<T>, job: ConsumeJob<T>, options: CompleteConsumeOptions<T>) {
    super();
    this.name = options.name;
    this.#options = options;
    this.#closed.promise.catch(() => {});
    if (options.onError !== undefined) this.on('error', options.onError);
    this.#shutdown = new Shutdown(systemClock, {
      drain: () => void this.#drain(),
      cancel: () => this.#cancel(),
      terminate: (timedOut) => {
        if (timedOut) this.#unsettled = this.#desk.ids;
        void this.#finish();
      },
      abandon: () => this.#end(),
    });
    this.#desk = new JobDesk<T>(job, options, {
      hearsDone: () => this.listenerCount('done') > 0,
      done: (message) => this.emit('done', message),
      report: (error, context) => this.#report(error, context),
      gone: (error) => this.#fail(error),
      stopped: () => this.#shutdown.request('cancel', options.graceMs),
      idle: () => {
        if (this.#isCancelling) void this.#finish();
      },
    });
    this.#intake = source.consume((delivery) => this.#desk.handle(delivery), {
      concurrency: options.concurrency,
      attempts: options.attempts,
      backoff: options.backoff,
      onError: (error) => this.#report(error, { origin: 'source' }),
      onDead: (letter) => this.#giveUp(letter),
    });
    this.#intake.ended.catch((error: Error) => this.#fail(error));
    this.#onAbort = () => this.#shutdown.request('drain', options.graceMs);
    if (options.signal?.aborted === true) this.#onAbort();
    else if (options.signal !== undefined) watchAbort(options.signal, this.#onAbort);
  }

  get state(): ConsumerState {
    if (this.#shutdown.isEnded) return 'closed';
    if (!this.#shutdown.isOpen) return 'closing';
    return this.#isPaused ? 'paused' : 'running';
  }

  /** Resolves when it is closed; rejects with what ended it where nobody asked for it. Need not be handled. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Take no more messages until `resume()`; resolves when none is on its way any more. Jobs under way go on. */
  async pause(): Promise<void> {
    if (this.state !== 'running') return;
    this.#isPaused = true;
    await this.#intake.pause();
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.#isPaused = false;
    this.#intake.resume();
  }

  /**
   * Close it in peace: take no more messages, and give the jobs under way `graceMs` to end (default: option `graceMs`), then
   * cancel them. What has not ended by then is given back to the source: another consumer gets it, uncounted where the source can.
   */
  drain(graceMs: number = this.#options.graceMs): Promise<void> {
    mustBe('the time of drain', graceMs, milliseconds);
    return this.close({ mode: 'drain', graceMs });
  }

  /**
   * Close it. `'drain'`, the default, as `drain()`; `'cancel'`: cancel the jobs at once, and give back what ends by that;
   * `'terminate'`: give back everything now, the jobs are cancelled and not waited for. May be called again, to close faster. Rejects with
   * CloseTimeoutError when jobs resisted until the deadline: their messages were given back, and may be worked through twice.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { mode = 'drain', graceMs = this.#options.graceMs } = readOptions('close', options, closeChecks);
    this.#shutdown.request(mode, graceMs);
    await this.#closed.promise.catch(() => {});
    if (this.#unsettled.length > 0)
      throw new CloseTimeoutError(
        `consumer '${this.name}' was closed while jobs resisted: their messages were given back, and the jobs may go on; messages ${tally(this.#unsettled)}`,
        this.#unsettled,
      );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  health(): ConsumerHealth {
    const { state } = this;
    const source = this.#intake.health();
    const isOpen = state === 'running' || state === 'paused';
    return Object.freeze({ isHealthy: isOpen && source.state === 'up', state, source });
  }

  stats(): ConsumerStats {
    const { active, doneCount: done, failedCount: failed, lostCount: lost, zombieCount: zombies } = this.#desk;
    const { concurrency } = this.#options;
    return Object.freeze({
      state: this.state,
      concurrency,
      active,
      done,
      failed,
      givenUp: this.#givenUp,
      lost,
      zombies,
    });
  }

  async #drain(): Promise<void> {
    await this.#intake.drain();
    while (this.#alarms.size > 0) await Promise.all(this.#alarms);
    await this.#finish();
  }

  #cancel(): void {
    this.#isCancelling = true;
    // It may be drained already, and wait for an alarm.
    void this.#intake.drain();
    this.#desk.stop();
    if (this.#desk.active === 0) void this.#finish();
  }

  async #finish(): Promise<void> {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    void this.#intake.pause();
    this.#desk.stop();
    // How a job has just ended is on its way to the intake, which takes back what it has not heard of.
    await new intrinsics.Promise((resolve) => void intrinsics.setImmediate(resolve));
    await this.#intake.close();
    this.#end();
  }

  #fail(error: Error): void {
    if (this.#isFinishing) return;
    if (this.#shutdown.isOpen) this.#failure = error;
    this.#report(error, { origin: 'consumer' });
    this.#shutdown.request('terminate', 0);
  }

  #end(): void {
    if (this.#shutdown.isEnded) return;
    this.#shutdown.ended();
    this.#desk.close();
    if (this.#options.signal !== undefined) unwatchAbort(this.#options.signal, this.#onAbort);
    if (this.#failure === undefined) this.#closed.resolve();
    else this.#closed.reject(this.#failure);
  }

  #giveUp(letter: DeadLetter<T>): void {
    this.#givenUp++;
    const { onGiveUp } = this.#options;
    const heard = this.listenerCount('giveUp') > 0;
    if (heard) intrinsics.nextTick(() => this.emit('giveUp', letter));
    if (onGiveUp !== undefined) this.#raiseAlarm(onGiveUp, letter);
    else if (!heard && this.listenerCount('error') === 0)
      intrinsics.emitWarning(
        `consumer '${this.name}' gave up message ${letter.id} after ${letter.attempt} attempts: ${String(letter.error)}`,
        'OffloopWarning',
      );
  }

  #raiseAlarm(onGiveUp: (letter: DeadLetter<T>) => unknown, letter: DeadLetter<T>): void {
    const { id, data, attempt } = letter;
    const context = { origin: 'onGiveUp' as const, id, attempt, ...(data === undefined ? {} : { data }) };
    const call = async (): Promise<void> => {
      try {
        await onGiveUp(letter);
      } catch (error) {
        this.#report(error, context);
      }
      this.#alarms.delete(alarm);
    };
    const alarm = Promise.resolve().then(call);
    this.#alarms.add(alarm);
  }

  #report(error: unknown, context: ConsumeErrorContext<T>): void {
    // In a turn of its own: what a listener throws must not hurt the work that is being handled.
    if (this.listenerCount('error') > 0) intrinsics.nextTick(() => this.emit('error', error, context));
    else if (context.origin !== 'job')
      intrinsics.emitWarning(`consumer '${this.name}', ${context.origin}: ${textOf(error)}`, 'OffloopWarning');
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
