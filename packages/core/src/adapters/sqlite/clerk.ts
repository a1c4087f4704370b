import { InvalidStateError, jobModule, WorkerLoop, type RemoteStream } from '../../index.ts';
import { SqliteQueueError } from './errors.ts';
import type { Allowance, Answer, Committed, Counts, DeadRow, Failure, News, Op, Row, ThreadSettings } from './wire.ts';

/** It lies beside this file in the bundle. */
const jobs = jobModule<typeof import('../../sqlite-thread.js')>(new URL('./sqlite-thread.js', import.meta.url));

/** Most steps in one transaction: others wait meanwhile, also in other processes. */
const batchSize = 1000;

/** A consumer, as the clerk sees it. */
export interface Customer {
  /** Messages that it may be given in all. */
  readonly allowance: number;
  /** It takes messages: the slots that its steps free may be filled in the same transaction. */
  readonly isTaking: boolean;
  take(rows: readonly Row[]): void;
  /** The thread knows of that allowance, and has given it so many messages in all. */
  told(allowance: number, given: number): void;
}

/** What became of a step that could be done. */
export type Done = Exclude<Answer, Failure>;

/** A step that a consumer wants done with one of its messages. */
export interface Errand {
  readonly key: number | undefined;
  /** Whether its answer frees a slot, whatever it is; asked when the step is sent. */
  frees(): boolean;
  /** Called with the answer, before anybody who waits for it. */
  answered(isStored: boolean): void;
}

interface Asked {
  readonly op: Op;
  readonly errand: Errand | undefined;
  readonly resolve: (answer: Done) => void;
  readonly reject: (error: Error) => void;
}

/** A consumer, and the allowance that the thread knows of. */
interface Account {
  readonly customer: Customer;
  known: number;
}

/*
 * One batch is under way at a time, and all that is asked for meanwhile is the next: the slower the disk, the larger the batches. What
 * the thread tells a consumer by itself waits until the batch under way is answered, since messages may come for slots that are
 * free by its answers.
 */

/** Carries steps to a queue's thread, and messages back. It starts the thread when it is first needed, and again after a crash. */
export class Clerk {
  readonly #name: string;
  readonly #settings: ThreadSettings;
  readonly #accounts = new Map<number, Account>();
  #loop: WorkerLoop | undefined;
  #lastKey = 0;
  readonly #asked: Asked[] = [];
  #isScheduled = false;
  #isUnderWay = false;
  readonly #later: (() => void)[] = [];
  #isClosed = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(name: string, settings: ThreadSettings) {
    this.#name = name;
    this.#settings = settings;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Steps that wait for their batch. */
  get waiting(): number {
    return this.#asked.length;
  }

  /** Do a step with the next batch. Rejects with SqliteQueueError when the file can't be used. */
  ask(op: Op, errand?: Errand): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw this.#closedError();
      this.#asked.push({ op, errand, resolve, reject });
      this.schedule();
    });
  }

  /** Send what there is to send at the end of this turn: all that ends in a turn goes in one batch. */
  schedule(): void {
    if (this.#isScheduled || this.#isUnderWay) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#send());
  }

  /** A consumer comes; what it hears ends when it has left, and fails when the thread ends. */
  enter(customer: Customer): { readonly key: number; readonly news: RemoteStream<News> } {
    const key = ++this.#lastKey;
    const known = customer.allowance;
    const loop = this.#open();
    // A generator begins when somebody listens, which may be after the next batch.
    loop.callSoonThreadsafe(jobs.enter, key, known);
    this.#accounts.set(key, { customer, known });
    return { key, news: loop.run(jobs.listen(key)) };
  }

  /** The thread does not know of it any more. */
  forget(key: number): void {
    this.#accounts.delete(key);
  }

  async leave(key: number): Promise<void> {
    this.forget(key);
    if (this.#loop?.isClosed === false) await this.#loop.run(jobs.leave(key));
  }

  /** Call `hear` when no batch is under way. */
  inTurn(hear: () => void): void {
    if (this.#isUnderWay) this.#later.push(hear);
    else hear();
  }

  counts(): Promise<Counts> {
    return this.#run(() => this.#open().run(jobs.counts()));
  }

  dead(limit: number, take: boolean): Promise<DeadRow[]> {
    return this.#run(() => this.#open().run(jobs.dead(limit, take)));
  }

  errorOf(thrown: unknown): Error {
    if (thrown instanceof SqliteQueueError || thrown instanceof InvalidStateError) return thrown;
    const { message } = thrown as Error;
    return new SqliteQueueError(`${this.#name}: ${message} (${this.#settings.path})`, { cause: thrown });
  }

  /** Let the steps end that were asked for, then the thread. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#isUnderWay || this.#isScheduled) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await this.#loop?.close({ mode: 'drain' });
  }

  #closedError(): InvalidStateError {
    return new InvalidStateError(`${this.#name} is closed`);
  }

  async #run<T>(work: () => PromiseLike<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  #open(): WorkerLoop {
    if (this.#loop?.isClosed === false) return this.#loop;
    if (this.#isClosed) throw this.#closedError();
    this.#loop = new WorkerLoop({
      name: this.#name,
      daemon: true,
      // That node:sqlite is experimental is ours to know: nobody else's code runs in this thread.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      setup: jobs.open(this.#settings),
      teardown: jobs.close(),
      onUnhandled: 'warn',
    });
    return this.#loop;
  }

  async #send(): Promise<void> {
    this.#isScheduled = false;
    const batch = this.#asked.splice(0, batchSize);
    const allowances = this.#allowances(batch);
    if (batch.length > 0 || allowances.length > 0) {
      this.#isUnderWay = true;
      await this.#commit(batch, allowances);
      this.#isUnderWay = false;
      for (const hear of this.#later.splice(0)) hear();
    }
    if (this.#asked.length > 0 || this.#allowances([]).length > 0) this.schedule();
    else for (const tell of this.#whenIdle.splice(0)) tell();
  }

  /** What the thread has to know of who may have how much. */
  #allowances(batch: readonly Asked[]): Allowance[] {
    const freed = new Map<number, number>();
    for (const { errand } of batch)
      if (errand?.key !== undefined && errand.frees()) freed.set(errand.key, (freed.get(errand.key) ?? 0) + 1);
    const allowances: Allowance[] = [];
    for (const [key, { customer, known }] of this.#accounts) {
      const bonus = customer.isTaking ? (freed.get(key) ?? 0) : 0;
      if (bonus > 0 || customer.allowance !== known) allowances.push([key, customer.allowance, bonus]);
    }
    return allowances;
  }

  async #commit(batch: readonly Asked[], allowances: readonly Allowance[]): Promise<void> {
    let committed: Committed;
    try {
      const ops = batch.map(({ op }) => op);
      committed = await this.#open().run(jobs.commit(ops, allowances));
    } catch (error) {
      for (const { reject } of batch) reject(this.errorOf(error));
      return;
    }
    const { answers, isWhole, messages, given } = committed;
    for (const [index, { errand, resolve, reject }] of batch.entries()) {
      const answer = answers[index] as Answer;
      if (typeof answer === 'object') reject(this.errorOf(answer));
      else {
        errand?.answered(answer === true);
        resolve(answer);
      }
    }
    // Behind those who wait for these answers: the slots are free then.
    await Promise.resolve();
    for (const [key, rows] of messages) this.#accounts.get(key)?.customer.take(rows);
    for (const [index, [key, allowance, bonus]] of allowances.entries()) {
      const account = this.#accounts.get(key);
      if (account === undefined) continue;
      account.known = isWhole ? allowance + bonus : allowance;
      account.customer.told(account.known, given[index] as number);
    }
  }
}
