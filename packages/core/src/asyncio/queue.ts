import { InvalidStateError, QueueEmptyError, QueueFullError, QueueShutDownError } from '../base/errors.ts';
import { aBoolean, aPositiveInteger, readOptions } from '../base/options.ts';
import { RingBuffer } from '../base/ring-buffer.ts';
import { Future } from './future.ts';

export interface QueueOptions {
  /** Items that it holds before `put()` waits. Default 10,000; `Infinity` for no limit. */
  readonly maxSize?: number;
}

/** Somebody who waits for an item. Once cancelled it is out of the queue, so that no item is lost with it and none piles up. */
class Getter<T> extends Future<T> {
  readonly #waiting: RingBuffer<Getter<T>>;

  constructor(waiting: RingBuffer<Getter<T>>) {
    super();
    this.#waiting = waiting;
  }

  give(item: T): boolean {
    return this.settleDone(item);
  }

  refuse(error: Error): void {
    this.settleFailed(error);
  }

  protected override requestCancel(reason: unknown): boolean {
    this.#waiting.delete(this);
    return super.requestCancel(reason);
  }
}

/** Somebody who waits for room. */
export class Putter<T> extends Future<void> {
  readonly item: T;
  readonly #waiting: RingBuffer<Putter<T>>;

  constructor(item: T, waiting: RingBuffer<Putter<T>>) {
    super();
    this.item = item;
    this.#waiting = waiting;
  }

  admit(): boolean {
    return this.settleDone();
  }

  refuse(error: Error): void {
    this.settleFailed(error);
  }

  protected override requestCancel(reason: unknown): boolean {
    this.#waiting.delete(this);
    return super.requestCancel(reason);
  }
}

/**
 * A first-in first-out queue between tasks of one thread, as asyncio's `Queue`: `get()` waits for an item, `put()` for
 * room. Who is cancelled while waiting loses no item and takes none. Iterating takes items until the queue is shut down.
 *
 * @example
 * const queue = new Queue<number>({ maxSize: 10 });
 * await queue.put(1);
 * queue.shutdown();
 * for await (const item of queue) console.log(item); // 1
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly maxSize: number;
  readonly #items = new RingBuffer<T>();
  readonly #getters = new RingBuffer<Getter<T>>();
  readonly #putters = new RingBuffer<Putter<T>>();
  readonly #joiners: ((value: void) => void)[] = [];
  #unfinished = 0;
  #shutDown = false;

  constructor(options?: QueueOptions) {
    const { maxSize = 10_000 } = readOptions('Queue', options, { maxSize: aPositiveInteger });
    this.maxSize = maxSize;
  }

  /** Items that can be taken right now. */
  get size(): number {
    return this.#items.size;
  }

  get isShutDown(): boolean {
    return this.#shutDown;
  }

  /** Put an item in as soon as there is room. Rejects with QueueShutDownError after `shutdown()`. */
  put(item: T): Future<void> {
    const putter = new Putter(item, this.#putters);
    if (this.#shutDown) putter.refuse(shutDownError());
    else if (this.#items.size < this.maxSize) {
      this.#accept(item);
      putter.admit();
    } else this.#putters.push(putter);
    return putter;
  }

  /** Put an item in now, or throw QueueFullError. */
  putNowait(item: T): void {
    if (this.#shutDown) throw shutDownError();
    if (this.#items.size >= this.maxSize)
      throw new QueueFullError(`the queue holds ${this.maxSize} items, its maxSize; await put() instead, or raise it`);
    this.#accept(item);
  }

  /** Take the next item as soon as there is one. Rejects with QueueShutDownError once the queue is shut down and empty. */
  get(): Future<T> {
    const getter = new Getter<T>(this.#getters);
    if (this.#items.size > 0) getter.give(this.getNowait());
    else if (this.#shutDown) getter.refuse(shutDownError());
    else this.#getters.push(getter);
    return getter;
  }

  /** Take the next item now, or throw QueueEmptyError. */
  getNowait(): T {
    if (this.#items.size === 0) {
      if (this.#shutDown) throw shutDownError();
      throw new QueueEmptyError('the queue is empty; await get() instead');
    }
    const item = this.#items.shift() as T;
    this.#admitPutters();
    return item;
  }

  /** Tell that an item that was taken has been worked through; see `join`. */
  taskDone(): void {
    if (this.#unfinished === 0) throw new InvalidStateError('taskDone() was called more often than items were put in');
    if (--this.#unfinished === 0) this.#releaseJoiners();
  }

  /**
   * Wait until every item that was put in has been taken and told done with `taskDone()`.
   *
   * @example
   * const queue = new Queue<string>();
   * createTask(async () => {
   *   for await (const item of queue) {
   *     console.log(item); // worked through
   *     queue.taskDone();
   *   }
   * });
   * await queue.put('worked through');
   * await queue.join();
   */
  join(): Future<void> {
    const { future, resolve } = Future.withResolvers<void>();
    if (this.#unfinished === 0) resolve();
    else this.#joiners.push(resolve);
    return future;
  }

  /** Take no more items; what is held can still be taken, unless `immediate`, which drops it. Waiting `put()`s reject. */
  shutdown(options?: { readonly immediate?: boolean }): void {
    const { immediate = false } = readOptions('shutdown', options, { immediate: aBoolean });
    this.#shutDown = true;
    if (immediate) {
      this.#unfinished -= this.#items.size;
      this.#items.clear();
      if (this.#unfinished === 0) this.#releaseJoiners();
    }
    // Whoever is refused may cancel another one that waits here.
    for (let each = this.#putters.shift(); each !== undefined; each = this.#putters.shift())
      each.refuse(shutDownError());
    for (let each = this.#getters.shift(); each !== undefined; each = this.#getters.shift())
      each.refuse(shutDownError());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof QueueShutDownError) return;
        throw error;
      }
      yield item;
    }
  }

  #accept(item: T): void {
    this.#unfinished++;
    for (let getter = this.#getters.shift(); getter !== undefined; getter = this.#getters.shift())
      if (getter.give(item)) return;
    this.#items.push(item);
  }

  #admitPutters(): void {
    while (this.#items.size < this.maxSize) {
      const putter = this.#putters.shift();
      if (putter === undefined) return;
      if (putter.admit()) this.#accept(putter.item);
    }
  }

  #releaseJoiners(): void {
    for (const release of this.#joiners.splice(0)) release();
  }
}

function shutDownError(): QueueShutDownError {
  return new QueueShutDownError('the queue was shut down');
}
