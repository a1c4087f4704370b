import { runAs, type Awaiter } from '../asyncio/ambient.ts';
import { CancelledError } from '../base/errors.ts';

/** Where the items of a generator go. */
export interface StreamSink {
  /** Send one item; gives the error back when it cannot be sent. */
  item(value: unknown): Error | undefined;
  ended(value: unknown): void;
  failed(error: unknown): void;
}

/** The part of a task that a pump needs. */
interface PumpTask extends Awaiter {
  cancel(reason?: unknown): boolean;
  /** The request to cancel, if there is one; no await has to throw for it any more. */
  takeCancelRequest(): CancelledError | undefined;
  readonly done: boolean;
}

/*
 *            credit                  item sent, none left
 *   waiting ────────► pulling ──────────────────────────► waiting
 *      │ stop            │ stop: the task is cancelled, so that what the generator awaits throws
 *      ▼                 ▼
 *   returning: generator.return() runs its finally blocks ──► over
 *                     pulling ── the generator ends or throws ──► over
 */
/** Pulls from an async generator job as far as its consumer has given credits; never ahead of them. */
export class StreamPump {
  readonly #task: PumpTask;
  readonly #generator: AsyncGenerator<unknown, unknown>;
  readonly #sink: StreamSink;
  #credits = 0;
  #pulling = false;
  #stopped = false;
  #over = false;

  constructor(task: PumpTask, generator: AsyncGenerator<unknown, unknown>, sink: StreamSink) {
    this.#task = task;
    this.#generator = generator;
    this.#sink = sink;
  }

  credit(items: number): void {
    this.#credits += items;
    void this.#pull();
  }

  /** Nobody wants more items. */
  stop(): void {
    if (this.#stopped || this.#over) return;
    this.#stopped = true;
    if (this.#pulling) this.#task.cancel(new CancelledError('the consumer of the stream has left'));
    else void this.#return();
  }

  async #pull(): Promise<void> {
    if (this.#pulling || this.#stopped || this.#over) return;
    this.#pulling = true;
    try {
      while (this.#credits > 0 && !this.#stopped) {
        const { done, value } = await runAs(this.#task, () => this.#generator.next(), []);
        if (done === true) return this.#finish(() => this.#sink.ended(value));
        this.#credits--;
        const unsent = this.#sink.item(value);
        if (unsent !== undefined) throw unsent;
      }
    } catch (error) {
      await this.#close();
      return this.#finish(() => this.#sink.failed(error));
    } finally {
      this.#pulling = false;
    }
    if (this.#stopped) await this.#return();
  }

  async #return(): Promise<void> {
    // What the finally blocks await must not be made to throw by a cancel that has brought them here.
    const request = this.#task.takeCancelRequest();
    try {
      const { value } = await runAs(this.#task, () => this.#generator.return(undefined), []);
      this.#finish(() => (request === undefined ? this.#sink.ended(value) : this.#sink.failed(request)));
    } catch (error) {
      this.#finish(() => this.#sink.failed(error));
    }
  }

  /** After an item could not be sent: the generator's finally blocks still run. One that has thrown has none left. */
  async #close(): Promise<void> {
    try {
      await runAs(this.#task, () => this.#generator.return(undefined), []);
    } catch {
      // The error that led here is the one to tell.
    }
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    tell();
  }
}

/** Whether a job's result is a stream: an async generator, native or compiled. */
export function isAsyncGenerator(value: unknown): value is AsyncGenerator<unknown, unknown> {
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return false;
  const { next, return: end } = value as Partial<AsyncGenerator<unknown, unknown>>;
  return typeof next === 'function' && typeof end === 'function';
}
