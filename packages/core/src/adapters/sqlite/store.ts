import type { DeadReason, Message, MessageSink, RemoteStream, SourceHealth } from '../../index.ts';
import { packDeadError } from '../dead-error.ts';
import type { EvictableStore } from '../open-intakes.ts';
import type { Clerk, Customer } from './clerk.ts';
import { SqliteQueueError } from './errors.ts';
import { HeldMessages } from './held-messages.ts';
import type { Failure, News, Op, Row, StoredData } from './wire.ts';

/** A message with its place in the file. */
export interface SqliteMessage<T> extends Message<T> {
  readonly seq: number;
  readonly owner: number;
}

/** What the stores of a queue have in common. */
export interface StorePolicy<T> {
  readonly name: string;
  readonly attempts: number;
  readonly backoff: (attempt: number, error: unknown) => number;
  readonly parse: (stored: StoredData) => T;
}

/** Milliseconds between a crash of the thread and the next one. */
const afterCrashMs = 1000;

/*
 *   entered ── close ──► leaving ── the thread has given back what is left ──► left
 *    ▲   │ the thread ends: all that it had is lost
 *    │   ▼
 *   outside ── close ──► left
 */

/** The store of one intake of a SQLite queue: its consumer in the queue's thread. */
export class SqliteStore<T> implements EvictableStore<SqliteMessage<T>>, Customer {
  readonly attempts: number;
  readonly backoff: (attempt: number, error: unknown) => number;
  readonly #clerk: Clerk;
  readonly #sink: MessageSink<SqliteMessage<T>>;
  readonly #policy: StorePolicy<T>;
  readonly #held = new HeldMessages<SqliteMessage<T>>();
  /** Undefined while it is outside. */
  #key: number | undefined;
  #wanted = 0;
  #isTaking = false;
  /** Messages that have come, since it entered. */
  #delivered = 0;
  /** What the thread said last: the allowance that it knows of, and how many messages it has given. */
  #known = { allowance: 0, given: 0 };
  #health: SourceHealth = { state: 'starting' };
  #isClosing = false;
  #wake: (() => void) | undefined;
  readonly #whenQuiet: (() => void)[] = [];
  readonly left: Promise<void>;

  constructor(clerk: Clerk, sink: MessageSink<SqliteMessage<T>>, policy: StorePolicy<T>) {
    this.#clerk = clerk;
    this.#sink = sink;
    this.#policy = policy;
    this.attempts = policy.attempts;
    this.backoff = policy.backoff;
    this.left = this.#live();
  }

  get allowance(): number {
    return this.#delivered + this.#wanted;
  }

  get isTaking(): boolean {
    return this.#isTaking;
  }

  want(count: number): void {
    this.#wanted = count;
    this.#isTaking = count > 0;
    if (this.#key !== undefined && this.#known.allowance !== this.allowance) this.#clerk.schedule();
  }

  async quiet(): Promise<void> {
    if (!this.#isQuiet) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
  }

  acknowledge(message: SqliteMessage<T>): Promise<boolean> {
    return this.#settle(message, ['acknowledge', message.seq, message.owner]);
  }

  retry(message: SqliteMessage<T>, delayMs: number): Promise<boolean> {
    return this.#settle(message, ['retry', message.seq, message.owner, delayMs]);
  }

  bury(message: SqliteMessage<T>, reason: DeadReason, error: unknown): Promise<boolean> {
    const { seq, owner, attempt } = message;
    // A malformed one was taken, and not tried; a poisonous one was taken once more, to be given up.
    const attempts = reason === 'malformed' ? 0 : reason === 'poison' ? attempt - 1 : attempt;
    return this.#settle(message, ['bury', seq, owner, attempts, reason, packDeadError(error)]);
  }

  giveBack(message: SqliteMessage<T>): Promise<boolean> {
    return this.#settle(message, ['giveBack', message.seq, message.owner]);
  }

  extend(message: SqliteMessage<T>): Promise<boolean> {
    return this.#clerk.ask(['extend', message.seq, message.owner], {
      key: undefined,
      frees: () => false,
      answered: (isOurs) => {
        if (!isOurs) this.#held.take(message.seq, message.owner);
      },
    }) as Promise<boolean>;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    try {
      if (this.#key !== undefined) await this.#clerk.leave(this.#key);
    } catch {
      // The thread has ended, and with it what it had.
    }
    await this.left;
  }

  async evict(): Promise<void> {
    this.#sink.fail(new SqliteQueueError(`${this.#policy.name} was closed, and with it its intakes`));
    await this.left;
  }

  health(): SourceHealth {
    return this.#health;
  }

  take(rows: readonly Row[]): void {
    for (const row of rows) this.#deliver(row);
    this.#tellQuiet();
  }

  told(allowance: number, given: number): void {
    this.#known = { allowance, given };
    this.#tellQuiet();
  }

  async #live(): Promise<void> {
    while (!this.#isClosing) {
      try {
        this.#delivered = 0;
        this.#known = { allowance: this.#wanted, given: 0 };
        const { key, news } = this.#clerk.enter(this);
        this.#key = key;
        await this.#listen(key, news);
      } catch (error) {
        this.#clerk.inTurn(() => this.#crashed(this.#clerk.errorOf(error)));
      }
      if (this.#key !== undefined) this.#clerk.forget(this.#key);
      this.#key = undefined;
      this.#tellQuiet();
      if (!this.#isClosing) await this.#sleep(afterCrashMs);
    }
  }

  async #listen(key: number, stream: RemoteStream<News>): Promise<void> {
    for await (const news of stream)
      this.#clerk.inTurn(() => {
        if (this.#key === key) this.#hear(news);
      });
  }

  #hear(news: News): void {
    switch (news[0]) {
      case 'messages':
        this.take(news[1]);
        break;
      case 'lost':
        for (const [seq, owner] of news[1]) this.#lose(seq, owner, news[2]);
        break;
      case 'up':
        this.#health = { state: 'up' };
        break;
      case 'down':
        this.#down(news[1]);
        break;
    }
  }

  #down(failure: Failure): void {
    const error = this.#clerk.errorOf(failure);
    this.#health = { state: this.#health.state === 'starting' ? 'starting' : 'down', error };
    if (failure.isFatal) this.#sink.fail(error);
    else this.#sink.trouble(error);
  }

  /** Nobody keeps the leases of what it has any more. */
  #crashed(error: Error): void {
    for (const { seq, owner } of this.#held.all()) this.#lose(seq, owner, error.message);
    if (this.#isClosing) return;
    this.#health = { state: this.#health.state === 'starting' ? 'starting' : 'down', error };
    this.#sink.trouble(error);
  }

  #deliver([seq, owner, id, attempt, raw]: Row): void {
    this.#delivered++;
    if (this.#wanted > 0) this.#wanted--;
    const { name, parse } = this.#policy;
    const bare = { id, name, attempt, raw, seq, owner };
    let message: SqliteMessage<T>;
    let thrown: { readonly error: unknown } | undefined;
    try {
      message = { ...bare, data: parse(raw) };
    } catch (error) {
      // The intake hides what is no data.
      message = { ...bare, data: undefined as T };
      thrown = { error };
    }
    this.#held.add(message);
    if (thrown === undefined) this.#sink.deliver(message);
    else this.#sink.deliverMalformed(message, thrown.error);
  }

  /** A step that ends that the message is held: its slot is free with the answer. */
  #settle(message: SqliteMessage<T>, op: Op): Promise<boolean> {
    return this.#clerk.ask(op, {
      key: this.#key,
      frees: () => this.#held.has(message),
      answered: () => void this.#held.take(message.seq, message.owner),
    }) as Promise<boolean>;
  }

  #lose(seq: number, owner: number, why: string): void {
    const message = this.#held.take(seq, owner);
    if (message !== undefined) this.#sink.lose(message, why);
  }

  get #isQuiet(): boolean {
    const { allowance, given } = this.#known;
    return this.#key === undefined || (allowance === this.allowance && this.#delivered >= given);
  }

  #tellQuiet(): void {
    if (this.#whenQuiet.length === 0 || !this.#isQuiet) return;
    for (const tell of this.#whenQuiet.splice(0)) tell();
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
