import { currentAwaiter } from '../asyncio/ambient.ts';
import { futureInternals, type Future } from '../asyncio/future.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { CancelledError, StreamUseError } from '../base/errors.ts';
import { RingBuffer } from '../base/ring-buffer.ts';

/** Items that may be on their way or waiting here, per stream. */
const windowSize = 64;

/** What an iterator needs of the job behind it. */
export interface StreamSource {
  /** The job has turned out to be a generator. */
  isStream(): boolean;
  /** Let the job send so many items more. */
  credit(items: number): void;
  /** Nobody takes items any more. */
  leave(): void;
  /** Somebody waits here (or nobody any more): only then the process is held. */
  hold(wanted: boolean): void;
}

/** Of a job that is over and had no items. */
export const noStream: StreamSource = { isStream: () => false, credit() {}, leave() {}, hold() {} };

/*
 *   waiting for the job to begin ──► flowing: items arrive within the credits given, each taken one gives credit back (half a window at a time)
 *     │         │ the job ends or fails: what has arrived is still handed out, then the end or the error
 *     └─────────┴── return(): left; items are dropped, and it waits until the job's finally blocks have run
 */
/** The consumer's end of a stream from another thread. */
export class StreamIterator<T> implements AsyncIterableIterator<T> {
  readonly #settled: Future<unknown>;
  readonly #source: StreamSource;
  readonly #items = new RingBuffer<T>();
  readonly #waiting = new RingBuffer<Deferred<IteratorResult<T, undefined>>>();
  #taken = 0;
  #left = false;
  /** The job's error was thrown to the consumer; after that the stream is just over. */
  #thrown = false;

  /** `settled` is the job's future. */
  constructor(settled: Future<unknown>, source: StreamSource) {
    this.#settled = settled;
    this.#source = source;
    futureInternals.observe(settled);
    futureInternals.subscribe(settled, () => this.#onSettled());
    if (source.isStream()) this.onStream();
  }

  /** The job has begun and can take credits. */
  onStream(): void {
    this.#source.credit(windowSize);
  }

  onItem(value: T): void {
    if (this.#left) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#items.push(value);
    else {
      if (this.#waiting.size === 0) this.#source.hold(false);
      this.#hand(waiting, value);
    }
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#settled.done) currentAwaiter()?.awaits(this.#settled);
    const result = deferred<IteratorResult<T, undefined>>();
    if (this.#items.size > 0) this.#hand(result, this.#items.shift() as T);
    else if (this.#settled.done || this.#left) this.#end(result);
    else {
      this.#waiting.push(result);
      this.#source.hold(true);
    }
    return result.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#items.clear();
    if (!this.#left && !this.#settled.done) {
      this.#left = true;
      this.#source.leave();
      try {
        await this.#settled;
      } catch (error) {
        // A finally block that throws is told; that the job was stopped is what was asked for.
        if (!(error instanceof CancelledError)) throw error;
      }
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #hand(to: Deferred<IteratorResult<T, undefined>>, value: T): void {
    to.resolve({ done: false, value });
    if (++this.#taken < windowSize / 2) return;
    this.#source.credit(this.#taken);
    this.#taken = 0;
  }

  #onSettled(): void {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift())
      this.#end(waiting);
  }

  #end(result: Deferred<IteratorResult<T, undefined>>): void {
    try {
      if (!this.#left && !this.#thrown) this.#settled.result();
      if (this.#settled.state === 'done' && !this.#source.isStream()) {
        throw new StreamUseError(
          'OFFLOOP_NOT_A_STREAM',
          'for await over a job that is not an async generator; await its future instead',
        );
      }
      result.resolve({ done: true, value: undefined });
    } catch (error) {
      this.#thrown = true;
      result.reject(error);
    }
  }
}
