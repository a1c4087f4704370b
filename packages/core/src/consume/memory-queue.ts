import { randomUUID } from 'node:crypto';

import { Future } from '../asyncio/future.ts';
import { Putter } from '../asyncio/queue.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { QueueFullError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { anything, aPositiveInteger, aString, readOptions } from '../base/options.ts';
import { toBackoff, type Backoff, type BackoffFunction } from './backoff.ts';
import { openIntake } from './intake.ts';
import { MemoryLine } from './memory-line.ts';
import { MemoryStore } from './memory-store.ts';
import type { Message } from './message-store.ts';
import type { DeadLetter, Delivery, Handler, Intake, IntakeOptions, Source } from './source.ts';

export interface MemoryQueueOptions {
  /** Messages that it holds, those under way and those that wait for another attempt too; then `put()` waits. Default 10,000. */
  readonly limit?: number;
  /** Deliveries that a message gets before it is given up. Default 3. */
  readonly attempts?: number;
  /** The wait between them. Default: a second, doubled each time, up to a minute. */
  readonly backoff?: Backoff;
  /** Dead letters that it keeps; then the oldest are forgotten. Default 1,000. */
  readonly deadLimit?: number;
  /** Its name in errors and deliveries. Default `'memory'`. */
  readonly name?: string;
}

export interface MemoryQueueStats {
  /** Messages that can be taken right now. */
  readonly waiting: number;
  /** Messages that wait for their next attempt. */
  readonly delayed: number;
  /** Messages that handlers have. */
  readonly held: number;
  /** Dead letters that it keeps. */
  readonly dead: number;
  /** Dead letters that were forgotten because there were more than `deadLimit`. */
  readonly forgotten: number;
}

const checks = {
  limit: aPositiveInteger,
  attempts: aPositiveInteger,
  backoff: anything,
  deadLimit: aPositiveInteger,
  name: aString,
};

/** See `memoryQueue`, which makes one. */
export class MemoryQueue<T> implements Source<T> {
  readonly name: string;
  readonly #line: MemoryLine<T>;
  readonly #limit: number;
  readonly #attempts: number;
  readonly #backoff: BackoffFunction;
  readonly #clock: Clock;
  /** Of this queue alone, also after a restart: ids must not come twice. */
  readonly #idPrefix = randomUUID().slice(0, 13);
  #lastId = 0;

  static {
    inspectable(this, (queue) => {
      const { waiting, delayed, held, dead } = queue.stats();
      return `<MemoryQueue '${queue.name}' waiting=${waiting} delayed=${delayed} held=${held} dead=${dead}>`;
    });
  }

  constructor(options: MemoryQueueOptions | undefined, clock: Clock) {
    const read = readOptions('memoryQueue', options, checks);
    this.name = read.name ?? 'memory';
    this.#limit = read.limit ?? 10_000;
    this.#attempts = read.attempts ?? 3;
    this.#backoff = toBackoff('option backoff of memoryQueue', read.backoff);
    this.#clock = clock;
    this.#line = new MemoryLine(this.#limit, read.deadLimit ?? 1000, clock);
  }

  /** Messages that are not done: they wait, are delayed, or are under way. */
  get size(): number {
    return this.#line.size;
  }

  /** Put a message in as soon as there is room. */
  put(data: T): Future<void> {
    const putter = new Putter(this.#message(data), this.#line.putters);
    if (this.#line.isFull || this.#line.putters.size > 0) this.#line.putters.push(putter);
    else {
      putter.admit();
      this.#line.put(putter.item);
    }
    return putter;
  }

  /** Put a message in now, or throw QueueFullError. */
  putNowait(data: T): void {
    if (this.#line.isFull || this.#line.putters.size > 0)
      throw new QueueFullError(
        `queue '${this.name}' has its limit of ${this.#limit} messages; await put() instead, or raise the limit`,
      );
    this.#line.put(this.#message(data));
  }

  /** Resolves when every message is done: acknowledged, or given up. */
  join(): Future<void> {
    const { future, resolve } = Future.withResolvers<void>();
    this.#line.whenEmpty(() => resolve());
    return future;
  }

  /** Take out the dead letters that are kept, the oldest first. */
  takeDeadLetters(): DeadLetter<T>[] {
    return this.#line.takeDead();
  }

  stats(): MemoryQueueStats {
    const { waiting, delayed, held, dead, forgotten } = this.#line;
    return Object.freeze({ waiting, delayed, held, dead, forgotten });
  }

  consume(handler: Handler<Delivery<T>>, options: IntakeOptions<T>): Intake {
    return openIntake<Message<T>>(
      (sink) => new MemoryStore(this.#line, sink, this.#attempts, this.#backoff),
      handler,
      options,
      this.#clock,
    );
  }

  #message(data: T): Message<T> {
    return { id: `${this.#idPrefix}-${++this.#lastId}`, name: this.name, data, attempt: 1 };
  }
}

/**
 * A bounded queue in this process's memory, to be consumed with `consume`: the default, with nothing to install. A message that
 * fails is tried again, and given up after its attempts; what was under way when its consumer closed is delivered to the next
 * one. **All of it is lost with the process**, also by a crash or a kill: where no message may be lost, use `offloop/sqlite` (one
 * machine), `offloop/redis` or `offloop/bullmq`. Messages are not copied; those that go to a job in another thread are, then.
 *
 * @example
 * await using pool = new LoopPool({ size: 2 });
 * const queue = memoryQueue<number>({ limit: 100 });
 * await using consumer = consume(queue, jobs.fib, { on: pool, concurrency: 4 });
 * for (const n of [10, 11, 12]) await queue.put(n);
 * await queue.join();
 * console.log(consumer.stats().done); // 3
 */
export function memoryQueue<T>(options?: MemoryQueueOptions): MemoryQueue<T> {
  return new MemoryQueue<T>(options, systemClock);
}
