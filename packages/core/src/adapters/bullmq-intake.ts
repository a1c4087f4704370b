import { Backoffs, WaitingError, type Job } from 'bullmq';

import { IdTable } from '../base/id-table.ts';
import {
  CancelledError,
  MalformedMessageError,
  type Handler,
  type Intake,
  type IntakeOptions,
  type SourceHealth,
  tickEnd,
} from '../index.ts';
import { LentJob, type BullmqDelivery } from './bullmq-delivery.ts';
import { isFinal, storable, textOf, Verdict } from './bullmq-errors.ts';
import { letterOf } from './bullmq-letter.ts';
import type { BullmqSourceOptions } from './bullmq-source.ts';
import { ReadingWorker } from './bullmq-worker.ts';

/** Where neither `consume` nor the job says how often. */
const defaultAttempts = 3;
/** What Redis may still take to answer when the intake is closed. */
const closeMs = 3000;

const workerDefaults = {
  // For people to look at, and so that the second try of a bridge finds the first.
  removeOnComplete: { count: 1000 },
  // BullMQ's 15 seconds would hold back an acknowledgement as long after Redis has come back.
  runRetryDelay: 1000,
  lockDuration: 30_000,
};

/*
 *   taking ◄── resume ── pause ──► paused        what BullMQ's worker had on its way when it was paused is given back
 *     │ drain                       │ drain
 *     └──────────► draining ◄───────┘            close: from each of them ──► closed
 */
type State = 'taking' | 'paused' | 'draining' | 'closed';

/** A BullMQ Worker that lends its jobs to a handler: fetching, locks, storing and stalled jobs are BullMQ's. */
export class BullmqIntake<T> implements Intake {
  readonly ended: Promise<void>;
  readonly #worker: ReadingWorker<T>;
  readonly #handler: Handler<BullmqDelivery<T>>;
  readonly #options: IntakeOptions<T>;
  readonly #lockMs: number;
  /** Those whose handlers have not ended. */
  readonly #lent = new IdTable<LentJob<T>>();
  #state: State = 'taking';
  #health: SourceHealth['state'] = 'starting';
  /** What was told last, until there is no trouble. */
  #trouble: Error | undefined;
  #closed: Promise<void> | undefined;
  #onEnded: () => void = () => {};

  constructor(
    queue: string,
    { connection, prefix, worker }: BullmqSourceOptions,
    handler: Handler<BullmqDelivery<T>>,
    options: IntakeOptions<T>,
  ) {
    this.#handler = handler;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    const workerOptions = { ...workerDefaults, ...worker };
    this.#lockMs = workerOptions.lockDuration;
    this.#worker = new ReadingWorker<T>(queue, (job, token) => this.#process(job, token ?? ''), {
      ...workerOptions,
      connection,
      ...(prefix === undefined ? {} : { prefix }),
      concurrency: options.concurrency,
      maxStalledCount: Math.min(options.attempts ?? defaultAttempts, 1e9) - 1,
    });
    this.#worker.getBackend().on('ready', () => this.#up());
    this.#worker.on('ready', () => this.#up());
    this.#worker.on('ioredis:close', () => this.#down());
    this.#worker.on('error', (error) => this.#onError(error));
    this.#worker.on('failed', (job, error) => this.#onFailed(job, error));
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const lent of this.#lent) if (ids.includes(lent.id)) lent.miss();
    });
  }

  async pause(): Promise<void> {
    if (this.#state !== 'taking') return;
    this.#state = 'paused';
    await this.#worker.pause(true);
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'taking';
    void this.#worker.resume();
  }

  async drain(): Promise<void> {
    if (this.#state !== 'closed') this.#state = 'draining';
    // BullMQ waits for its connection, also when there is nothing to store.
    if (this.#health === 'up' || this.#lent.size > 0) await Promise.race([this.#worker.close(), this.ended]);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  health(): SourceHealth {
    return this.#health === 'up' ? { state: 'up' } : { state: this.#health, error: this.#trouble };
  }

  /** Few promises for a message: on Node 20 and 22 each costs half a microsecond where tasks are followed. */
  #process(job: Job<T>, token: string): Promise<unknown> {
    this.#trouble = undefined;
    return new Promise((resolve, reject) => {
      const returned = (result: unknown): void => {
        this.#end(lent);
        if (lent.isOurs) resolve(storable(result));
        // It is not ours any more: BullMQ is to leave it as it is.
        else reject(new WaitingError());
      };
      const threw = (error: unknown): void => {
        if (lent.isOurs) resolve(this.#fail(lent, error));
        else returned(undefined);
      };
      const lent = new LentJob<T>(job, token, this.#lockMs, { returned, threw });
      this.#begin(lent);
      // What BullMQ fails by itself, because it could not store a result, is tried again: only a verdict is final.
      job.opts.attempts = job.attemptsMade + 2;
      void tickEnd().then(() => this.#lend(lent));
    });
  }

  /** With all that have come by the same packet: the threads of their jobs are woken once. */
  #lend(lent: LentJob<T>): void {
    // It may have been lost or given back meanwhile.
    if (this.#state === 'taking' && lent.isOurs) lent.lendTo(this.#handlerOf(lent));
    else void lent.giveBack(new CancelledError('no message is wanted')).catch(() => {});
  }

  #handlerOf({ id, job }: LentJob<T>): Handler<BullmqDelivery<T>> {
    const unreadable = this.#worker.unreadable.get(job);
    if (unreadable === undefined) return this.#handler;
    const { error: cause } = unreadable;
    const error = new MalformedMessageError(`message ${id} cannot be read: ${textOf(cause)}`, { cause });
    return () => Promise.reject(new Verdict(error, 'malformed'));
  }

  /**
   * A job may come here again while a former handler of it has not ended: BullMQ renews the lock of one of them, by the job's id, and
   * forgets it when any of them ends.
   */
  #begin(lent: LentJob<T>): void {
    const former = this.#lent.find(lent.id);
    this.#lent.add(lent);
    if (former === undefined) return;
    former.lose();
    lent.renew();
  }

  #end(lent: LentJob<T>): void {
    this.#lent.delete(lent);
    lent.end();
  }

  async #fail(lent: LentJob<T>, error: unknown): Promise<never> {
    try {
      throw await this.#verdict(lent, error);
    } finally {
      this.#end(lent);
    }
  }

  async #verdict({ job, attempt, ownAttempts }: LentJob<T>, error: unknown): Promise<Verdict> {
    if (error instanceof Verdict) return error;
    if (isFinal(error)) return new Verdict(error, 'dropped');
    const attempts = this.#options.attempts ?? (ownAttempts === 0 ? defaultAttempts : ownAttempts);
    const delay = attempt < attempts ? await this.#delay(job, attempt, error) : -1;
    if (delay < 0) {
      job.opts.attempts = job.attemptsMade + 1;
      return new Verdict(error, 'attempts');
    }
    job.opts.backoff = { type: 'fixed', delay: Math.min(Math.round(delay), 2 ** 31) };
    return new Verdict(error);
  }

  /** Milliseconds until the next attempt; -1, from a strategy of BullMQ's: there is none. */
  async #delay(job: Job<T>, attempt: number, error: unknown): Promise<number> {
    if (this.#options.backoff !== undefined) return this.#options.backoff(attempt, error);
    const ours = Math.min(1000 * 2 ** (attempt - 1), 60_000);
    const { backoff } = job.opts;
    if (typeof backoff !== 'object') return backoff ?? ours;
    try {
      const strategy = this.#worker.opts.settings?.backoffStrategy;
      return (await Backoffs.calculate(backoff, attempt, new Verdict(error), job, strategy)) ?? ours;
    } catch {
      // A strategy that nobody knows here: the message must not be lost for it.
      return ours;
    }
  }

  #onFailed(job: Job<T> | undefined, thrown: Error): void {
    if (job?.finishedOn === undefined) return;
    this.#options.onDead(letterOf(job, thrown, this.#worker.unreadable.get(job)?.raw));
  }

  #up(): void {
    this.#health = 'up';
    this.#trouble = undefined;
  }

  #down(): void {
    if (this.#health === 'up') this.#health = 'down';
  }

  #onError(error: Error): void {
    // Told with the signal of the delivery.
    if (error.message.startsWith('could not renew lock')) return;
    const isNew = this.#trouble === undefined || (this.#health === 'up' && this.#trouble.message !== error.message);
    if (!isNew || this.#state === 'closed') return;
    this.#trouble = error;
    this.#options.onError(error);
  }

  async #close(): Promise<void> {
    this.#state = 'closed';
    const reason = new CancelledError('the intake was closed, and its messages were given back');
    const back = [...this.#lent].map((lent) => lent.giveBack(reason).catch(() => {}));
    // Ends its look for stalled jobs, which close() ends last.
    void this.#worker.pause(true);
    const closing = Promise.all([this.#worker.close(this.#health !== 'up'), ...back]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    // BullMQ waits for a connection that is gone: cut it.
    void late.then(() => this.#worker.getBackend().close(true));
    await Promise.race([closing, late]);
    clearTimeout(timer);
    this.#onEnded();
  }
}
