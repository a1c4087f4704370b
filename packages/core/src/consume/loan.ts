import type { BagItem } from '../base/bag.ts';
import { CancelledError, InvalidStateError } from '../base/errors.ts';
import { LazySignal } from '../base/lazy-signal.ts';
import { Drop, LeaseLostError, MalformedMessageError, PoisonMessageError } from '../base/message-errors.ts';
import type { TimerEntry, TimerQueue } from '../base/timer-queue.ts';
import { isInstance, isThenable } from '../base/untrusted.ts';
import { deadLetter } from './dead-letter.ts';
import type { Message, MessageStore, Stored } from './message-store.ts';
import type { DeadLetter, DeadReason, Delivery } from './source.ts';

/** What a loan needs of its intake. */
export interface LoanHost<M extends Message<unknown>> {
  readonly store: MessageStore<M>;
  readonly timers: TimerQueue;
  now(): number;
  readonly attempts: number;
  backoff(attempt: number, error: unknown): number;
  /** Once: its slot is free. */
  over(loan: Loan<M>): void;
  dead(letter: DeadLetter<M['data']>): void;
  /** A step was refused by the store, told once per step. */
  trouble(error: Error): void;
}

/** What the store is asked for, until it has answered. */
type Step =
  | { readonly kind: 'acknowledge'; readonly result: unknown }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly error: unknown }
  | { readonly kind: 'bury'; readonly reason: DeadReason; readonly error: unknown }
  | { readonly kind: 'giveBack' };

/*
 *   held ── the handler settles ──► storing ── the store answers ──────────────────► over
 *    │ │                             │  ▲  │                                          ▲
 *    │ │        the store cannot say │  │  └── lost ─────────────────────────────────►│
 *    │ │                             ▼  │ its time has come; or close: a last try     │
 *    │ │                           waiting ── lost ──────────────────────────────────►│
 *    │ └── lost ──► lost ── the handler settles, or close ────────────────────────────┤
 *    └── close ──► the signal aborts; storing (give back), once ──────────────────────┘
 *
 * A message that must not get to a handler begins with storing. The slot is free when it is over, and not before: a handler that
 * has lost its message has it until it settles. After a close no step is tried twice.
 */
type State = 'held' | 'storing' | 'waiting' | 'lost' | 'over';

/** Between the tries of a step that the store could not answer, in milliseconds: doubled each time. */
const [firstWaitMs, lastWaitMs] = [50, 1000];

/** A message that is lent to a handler: what may still become of it. It knows a clock and no threads. */
export class Loan<M extends Message<unknown>> implements Delivery<M['data']>, BagItem {
  bagPlace = -1;
  bagOrder = 0;
  readonly message: M;
  readonly #host: LoanHost<M>;
  #state: State = 'held';
  #step: Step | undefined;
  #tries = 0;
  #timer: TimerEntry | undefined;
  #closing = false;
  /** Its reason: why the message is no longer ours. */
  readonly #lost = new LazySignal<LeaseLostError | CancelledError>();

  constructor(host: LoanHost<M>, message: M) {
    this.#host = host;
    this.message = message;
  }

  get id(): string {
    return this.message.id;
  }

  get name(): string {
    return this.message.name;
  }

  get data(): M['data'] {
    return this.message.data;
  }

  get attempt(): number {
    return this.message.attempt;
  }

  get state(): State {
    return this.#state;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  onAbort(fn: (reason: Error) => void): void {
    this.#lost.onAbort(fn);
  }

  async extend(): Promise<void> {
    if (this.#lost.reason !== undefined) throw this.#lost.reason;
    if (this.#state !== 'held')
      throw new InvalidStateError(`message ${this.id} has been settled: there is no lease to extend`);
    if (!(await this.#host.store.extend(this.message))) this.lose('it is with another consumer, or gone');
    if (this.#lost.reason !== undefined) throw this.#lost.reason;
  }

  /** The handler resolved. */
  resolve(result: unknown): void {
    this.#settle({ kind: 'acknowledge', result });
  }

  /** The handler rejected or threw. */
  reject(error: unknown): void {
    const { attempt } = this.message;
    if (isInstance(error, Drop)) this.#settle({ kind: 'bury', reason: 'dropped', error });
    else if (attempt >= this.#host.attempts) this.#settle({ kind: 'bury', reason: 'attempts', error });
    else this.#settle({ kind: 'retry', delayMs: this.#host.backoff(attempt, error), error });
  }

  /** It has been taken too often without a word of how it ended: no handler gets it. */
  refusePoison(): void {
    const { id, attempt } = this.message;
    const error = new PoisonMessageError(
      `message ${id} was taken ${attempt - 1} times, and nobody told how it ended: it probably ends its consumers`,
    );
    this.#settle({ kind: 'bury', reason: 'poison', error });
  }

  /** It cannot be parsed: no handler gets it. */
  refuseMalformed(cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    const error = new MalformedMessageError(`message ${this.id} cannot be read: ${text}`, { cause });
    this.#settle({ kind: 'bury', reason: 'malformed', error });
  }

  /** It came when none was wanted any more: no handler gets it. */
  giveBack(): void {
    this.#settle({ kind: 'giveBack' });
  }

  /** The message is no longer ours. */
  lose(why: string): void {
    if (this.#state === 'over' || this.#state === 'lost') return;
    const held = this.#state === 'held';
    this.#state = 'lost';
    this.#lost.abort(new LeaseLostError(`the lease of message ${this.id} was lost: ${why}`));
    if (!held) this.#end();
  }

  /** The intake closes: the last chance to tell the store. */
  close(): void {
    this.#closing = true;
    if (this.#state === 'held') {
      this.#lost.abort(new CancelledError(`the intake was closed, message ${this.id} was given back`));
      this.#store({ kind: 'giveBack' });
    } else if (this.#state === 'waiting') this.#again();
    else if (this.#state === 'lost') this.#end();
  }

  #settle(step: Step): void {
    if (this.#state === 'lost') this.#end();
    else if (this.#state === 'held') this.#store(step);
  }

  #store(step: Step): void {
    this.#state = 'storing';
    this.#step = step;
    this.#tries++;
    let stored: Stored;
    try {
      stored = this.#ask(step);
    } catch (error) {
      this.#refused(error);
      return;
    }
    if (!isThenable(stored)) this.#answered(step, stored);
    else
      stored.then(
        (yes) => this.#answered(step, yes),
        (error: unknown) => this.#refused(error),
      );
  }

  #ask(step: Step): Stored {
    const { store } = this.#host;
    if (step.kind === 'acknowledge') return store.acknowledge(this.message, step.result);
    if (step.kind === 'retry') return store.retry(this.message, step.delayMs, step.error);
    if (step.kind === 'bury') return store.bury(this.message, step.reason, step.error);
    return store.giveBack(this.message);
  }

  #answered(step: Step, stored: boolean): void {
    // It may be over: lost while the store was asked.
    if (this.#state !== 'storing') return;
    this.#end();
    if (stored && step.kind === 'bury') this.#host.dead(deadLetter(this.message, step.reason, step.error));
  }

  #refused(error: unknown): void {
    if (this.#state !== 'storing') return;
    if (this.#tries === 1)
      this.#host.trouble(error instanceof Error ? error : new Error(String(error), { cause: error }));
    if (this.#closing) {
      this.#end();
      return;
    }
    this.#state = 'waiting';
    const wait = Math.min(firstWaitMs * 2 ** (this.#tries - 1), lastWaitMs);
    this.#timer = this.#host.timers.add(this.#host.now() + wait, () => this.#again());
  }

  #again(): void {
    this.#forgetTimer();
    this.#store(this.#step as Step);
  }

  #end(): void {
    this.#forgetTimer();
    this.#state = 'over';
    this.#host.over(this);
  }

  #forgetTimer(): void {
    if (this.#timer !== undefined) this.#host.timers.remove(this.#timer);
    this.#timer = undefined;
  }
}
