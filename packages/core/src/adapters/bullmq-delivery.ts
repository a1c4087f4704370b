import type { Job } from 'bullmq';

import type { IdItem } from '../base/id-table.ts';
import { LazySignal } from '../base/lazy-signal.ts';
import { InvalidStateError, LeaseLostError, type CancelledError, type Delivery, type Handler } from '../index.ts';

/** A message of BullMQ. */
export interface BullmqDelivery<T> extends Delivery<T> {
  /** BullMQ's job: its progress, its log, its options. Who moves it to another state takes it from offloop. */
  readonly job: Job<T>;
}

/** Who hears how a handler has ended; more than once where that ends late. */
export interface LentEnd {
  returned(result: unknown): void;
  threw(error: unknown): void;
}

/*
 *   lent ── the handler settles, and BullMQ is told ──────► over
 *    ├── lose: another may have it ──► lost ── the handler settles ──► over, and BullMQ is told nothing
 *    └── give back ───────────────────────────────────────► over, whatever the handler does
 */

/** A job of BullMQ, lent to a handler. */
export class LentJob<T> implements BullmqDelivery<T>, IdItem<LentJob<T>> {
  readonly job: Job<T>;
  readonly id: string;
  readonly name: string;
  readonly data: T;
  readonly attempt: number;
  /** Deliveries that its job says it gets; 0: nothing. */
  readonly ownAttempts: number;
  readonly #token: string;
  readonly #lockMs: number;
  readonly #onEnd: LentEnd;
  olderNeighbour: LentJob<T> | undefined;
  tableOrder = 0;
  /** Its reason: why the message is no longer ours. */
  readonly #lost = new LazySignal<LeaseLostError | CancelledError>();
  #back: Promise<void> | undefined;
  #isOver = false;
  #renewal: NodeJS.Timeout | undefined;

  /** `onEnd` is told how the handler has settled, and that the message was given back. */
  constructor(job: Job<T>, token: string, lockMs: number, onEnd: LentEnd) {
    this.job = job;
    this.id = job.id ?? '';
    this.name = job.name;
    this.data = job.data;
    this.attempt = attemptOf(job);
    this.ownAttempts = job.opts.attempts ?? 0;
    this.#token = token;
    this.#lockMs = lockMs;
    this.#onEnd = onEnd;
  }

  get isOurs(): boolean {
    return this.#lost.reason === undefined;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  onAbort(fn: (reason: LeaseLostError | CancelledError) => void): void {
    this.#lost.onAbort(fn);
  }

  lendTo(handler: Handler<BullmqDelivery<T>>): void {
    try {
      handler(this).then(
        (result) => this.#onEnd.returned(result),
        (error: unknown) => this.#onEnd.threw(error),
      );
    } catch (error) {
      this.#onEnd.threw(error);
    }
  }

  async extend(): Promise<void> {
    if (this.isOurs && this.#isOver)
      throw new InvalidStateError(`message ${this.id} has been settled: there is no lease to extend`);
    if (this.isOurs && (await this.job.extendLock(this.#token, this.#lockMs)) !== 1) this.lose();
    if (this.#lost.reason !== undefined) throw this.#lost.reason;
  }

  /** Renew the lock from here: BullMQ forgets it when another handler in this process ends that has had the same job. */
  renew(): void {
    // Told where it fails: with the next command of BullMQ's own.
    this.#renewal ??= setInterval(() => void this.extend().catch(() => {}), this.#lockMs / 2);
  }

  /** BullMQ could not renew a lock of its job: this one, or that of a handler in this process that has had it before. */
  miss(): void {
    if (this.#renewal === undefined) this.lose();
    else void this.extend().catch(() => {});
  }

  /** Its lock is gone, or another's. */
  lose(): void {
    if (!this.#isOver)
      this.#lost.abort(
        new LeaseLostError(`the lease of message ${this.id} was lost: its lock was not renewed in time, or it is gone`),
      );
  }

  /** Give it back at once, uncounted; the handler is told, and not waited for. Once, whoever asks. */
  giveBack(reason: CancelledError): Promise<void> {
    return (this.#back ??= this.#giveBack(reason));
  }

  /** The handler has settled, or is not waited for. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#renewal);
  }

  async #giveBack(reason: CancelledError): Promise<void> {
    const wasOurs = this.isOurs;
    this.#lost.abort(reason);
    try {
      if (wasOurs) await this.job.moveToWait(this.#token);
    } finally {
      this.#onEnd.returned(undefined);
    }
  }
}

/** BullMQ counts attempts that failed and consumers that died under the job; what is given back it counts in neither. */
export function attemptOf(job: Job): number {
  return job.attemptsMade + job.stalledCounter + 1;
}
