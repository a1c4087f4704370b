import { currentAwaiter } from '../asyncio/ambient.ts';
import { futureInternals, type Future } from '../asyncio/future.ts';
import { CancelledError } from '../base/errors.ts';

/** What the items of a call need of it. */
export interface PoolStreamSource<T> {
  /** The items from its loop, once it is on one; undefined when it settled before. */
  items(): Promise<AsyncIterator<T> | undefined>;
  /** Somebody waits here for an item (or no more): the process is held. */
  hold(wanted: boolean): void;
}

/** The items of a call that may still wait in the pool when they are asked for. */
export class PoolStream<T> implements AsyncIterableIterator<T> {
  readonly #run: Future<T>;
  readonly #source: PoolStreamSource<T>;
  #items: AsyncIterator<T> | undefined;
  #over = false;

  constructor(run: Future<T>, source: PoolStreamSource<T>) {
    this.#run = run;
    this.#source = source;
    futureInternals.observe(run);
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    if (this.#items === undefined && !this.#run.done) currentAwaiter()?.awaits(this.#run);
    this.#source.hold(true);
    try {
      return await this.#next();
    } finally {
      this.#source.hold(false);
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#over = true;
    if (this.#items === undefined) this.#run.cancel(new CancelledError('the consumer of the stream has left'));
    else await this.#items.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const items = (this.#items ??= await this.#source.items());
      try {
        if (items !== undefined) return (await items.next()) as IteratorResult<T, undefined>;
        // It never ran: throws what it was settled with.
        this.#over = true;
        this.#run.result();
        return { done: true, value: undefined };
      } catch (error) {
        // Its loop has ended before it began there, and it waits for another.
        if (this.#run.done) throw error;
        if (this.#items === items) this.#items = undefined;
      }
    }
  }
}
