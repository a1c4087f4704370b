import { Bag } from '../base/bag.ts';
import { systemClock, type Clock, type ClockTimer } from '../base/clock.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { InvalidStateError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import { KeepAlive } from '../pool/keep-alive.ts';
import { Loan, type LoanHost } from './loan.ts';
import type { Message, MessageSink, MessageStore } from './message-store.ts';
import type { DeadLetter, Delivery, Handler, Intake, IntakeOptions, SourceHealth } from './source.ts';

/** What a store may still take to answer when the intake is closed, and then to let go of what it has. */
const [lastAnswersMs, letGoMs] = [2000, 2000];

/**
 * Make an intake of what is particular to a source: for those who write one. `open` gets the sink for the messages, and gives
 * the store; it is not asked for messages before `openIntake` has returned. `clock` is for tests.
 */
export function openIntake<M extends Message<unknown>>(
  open: (sink: MessageSink<M>) => MessageStore<M>,
  handler: Handler<Delivery<M['data']>>,
  options: IntakeOptions<M['data']>,
  clock: Clock = systemClock,
): Intake {
  return new StoreIntake(open, handler, options, clock);
}

/*
 *   taking ◄── resume ── pause ──► paused
 *     │ drain                       │ drain
 *     └──────────► draining ◄───────┘        close, or fail: from each ──► closing ── the store has let go ──► closed
 */
type State = 'taking' | 'paused' | 'draining' | 'closing' | 'closed';

/** Lends a store's messages to a handler: never more at a time than there are slots. */
class StoreIntake<M extends Message<unknown>> implements Intake, MessageSink<M>, LoanHost<M> {
  readonly store: MessageStore<M>;
  readonly timers: TimerQueue;
  readonly attempts: number;
  readonly #handler: Handler<Delivery<M['data']>>;
  readonly #options: IntakeOptions<M['data']>;
  readonly #clock: Clock;
  readonly #alive = new KeepAlive();
  readonly #ended = deferred<void>();
  readonly #loans = new Bag<Loan<M>>();
  #state: State = 'taking';
  #closing: Promise<void> | undefined;
  #drained: Deferred<void> | undefined;
  /** Somebody waits until the store has answered for all. */
  #onEmpty: (() => void) | undefined;

  constructor(
    open: (sink: MessageSink<M>) => MessageStore<M>,
    handler: Handler<Delivery<M['data']>>,
    options: IntakeOptions<M['data']>,
    clock: Clock,
  ) {
    this.#handler = handler;
    this.#options = options;
    this.#clock = clock;
    this.timers = new TimerQueue(clock, true);
    this.#ended.promise.catch(() => {});
    this.store = open(this);
    this.attempts = options.attempts ?? this.store.attempts;
    this.#alive.ref();
    // Whoever consumes has the intake before the handler has a message.
    intrinsics.nextTick(() => this.#ask());
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  health(): SourceHealth {
    return this.store.health();
  }

  async pause(): Promise<void> {
    if (this.#state === 'taking') this.#state = 'paused';
    this.#ask();
    await this.store.quiet();
  }

  resume(): void {
    if (this.#state === 'paused') this.#state = 'taking';
    this.#ask();
  }

  async drain(): Promise<void> {
    if (this.#state === 'taking' || this.#state === 'paused') this.#state = 'draining';
    this.#ask();
    if (this.#state === 'draining') await this.store.quiet();
    if (this.#loans.size === 0) return;
    this.#drained ??= deferred<void>();
    await this.#drained.promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end(undefined);
    return this.#closing;
  }

  deliver(message: M): void {
    const loan = this.#lend(message);
    if (loan === undefined) return;
    if (message.attempt > this.attempts) {
      loan.refusePoison();
      return;
    }
    try {
      this.#handler(loan).then(
        (result) => loan.resolve(result),
        (error: unknown) => loan.reject(error),
      );
    } catch (error) {
      loan.reject(error);
    }
  }

  deliverMalformed(message: M, error: unknown): void {
    this.#lend(message)?.refuseMalformed(error);
  }

  lose(message: M, why: string): void {
    this.#loans.find((loan) => loan.message === message)?.lose(why);
  }

  trouble(error: Error): void {
    this.#options.onError(error);
  }

  fail(error: Error): void {
    this.#closing ??= this.#end(error);
  }

  now(): number {
    return this.#clock.now();
  }

  backoff(attempt: number, error: unknown): number {
    return (this.#options.backoff ?? this.store.backoff)(attempt, error);
  }

  over(loan: Loan<M>): void {
    this.#loans.delete(loan);
    if (this.#state === 'taking') this.#ask();
    if (this.#loans.size > 0) return;
    this.#drained?.resolve();
    this.#onEmpty?.();
  }

  dead(letter: DeadLetter<M['data']>): void {
    this.#options.onDead(letter);
  }

  /** The loan of a message that has just come; undefined when no handler is to get it. */
  #lend(message: M): Loan<M> | undefined {
    if (this.#loans.size >= this.#options.concurrency)
      throw new InvalidStateError(
        `message ${message.id} was handed over although no slot is free: the store is broken`,
      );
    const loan = new Loan<M>(this, message);
    this.#loans.add(loan);
    if (this.#state === 'taking') return loan;
    loan.giveBack();
    return undefined;
  }

  #ask(): void {
    if (this.#state === 'closed') return;
    this.store.want(this.#state === 'taking' ? this.#options.concurrency - this.#loans.size : 0);
  }

  async #end(error: Error | undefined): Promise<void> {
    this.#state = 'closing';
    this.#ask();
    for (const loan of this.#loans) loan.close();
    await this.#within(lastAnswersMs, this.#lastAnswers());
    await this.#within(letGoMs, this.store.close());
    this.#state = 'closed';
    this.timers.clear();
    this.#alive.unref();
    this.#drained?.resolve();
    if (error === undefined) this.#ended.resolve();
    else this.#ended.reject(error);
  }

  /** What is on its way comes, and is given back, and the store has answered for all. */
  async #lastAnswers(): Promise<void> {
    await this.store.quiet();
    if (this.#loans.size === 0) return;
    await new intrinsics.Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  async #within(ms: number, work: Promise<void>): Promise<void> {
    let timer: ClockTimer | undefined;
    const over = new intrinsics.Promise<void>((resolve) => {
      timer = this.#clock.setTimer(ms, resolve);
    });
    await intrinsics.Promise.race([work, over]);
    timer?.cancel();
  }
}
