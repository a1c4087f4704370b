import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

import {
  QueueFullError,
  type DeadLetter,
  type DeadReason,
  type Delivery,
  type Handler,
  type Intake,
  type IntakeOptions,
  type Source,
} from '../../index.ts';
import { OpenIntakes } from '../open-intakes.ts';
import { checkIds, checkLimit, checkMessages } from '../read-options.ts';
import { serializeMessage } from '../serialize.ts';
import { Clerk } from './clerk.ts';
import { unpackDeadError } from '../dead-error.ts';
import { mustHaveSqlite } from './errors.ts';
import { readOptions, type CompleteOptions, type SqliteQueueOptions } from './options.ts';
import { SqliteStore, type SqliteMessage } from './store.ts';
import type { Counts, DeadRow, StoredData } from './wire.ts';

/** Messages whose storing may be under way; above that somebody does not wait for his `put()`. */
const mostUnderWay = 100_000;

/** See `sqliteQueue`, which makes one. */
export class SqliteQueue<T> implements Source<T> {
  readonly name: string;
  readonly #options: CompleteOptions<T>;
  readonly #clerk: Clerk;
  readonly #intakes: OpenIntakes<SqliteMessage<T>>;
  /** Of this queue alone, also when the file is put back from a backup: ids must not come twice. */
  readonly #idPrefix = randomUUID().slice(0, 18);
  #lastId = 0;
  #underWay = 0;

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: SqliteQueue<unknown>) {
        return `<SqliteQueue '${this.#options.policy.name}' ${this.path}>`;
      },
    });
  }

  constructor(path: string | URL, options: SqliteQueueOptions<T> | undefined) {
    this.#options = readOptions<T>(path, options);
    mustHaveSqlite();
    this.name = `sqliteQueue '${this.#options.policy.name}'`;
    this.#intakes = new OpenIntakes(this.name);
    this.#clerk = new Clerk(this.name, this.#options.settings);
  }

  /** The file, as an absolute path. */
  get path(): string {
    return this.#options.settings.path;
  }

  /**
   * Put a message in. Resolves with its id when it is in the file, and on the disk unless `waitForDisk` is false. Messages that are
   * put in at the same time share a transaction. Rejects with InvalidArgumentError when `data` cannot be serialized, QueueFullError above
   * `limit`, InvalidStateError when the queue is closed, and SqliteQueueError when the file cannot be written: it is not in there then,
   * except perhaps when the thread or the disk failed in the middle.
   */
  async put(data: T): Promise<string> {
    const [id] = await this.putMany([data]);
    return id as string;
  }

  /** Put messages in, in one transaction: all of them, or none. Other processes cannot write meanwhile. */
  async putMany(data: Iterable<T>): Promise<string[]> {
    const stored = checkMessages(data).map((each) => this.#serialize(each));
    this.#intakes.mustBeOpen();
    if (stored.length === 0) return [];
    if (this.#underWay > 0 && this.#underWay + stored.length > mostUnderWay)
      throw new QueueFullError(
        `${this.name} has ${this.#underWay} messages yet to store; await put(), or use putMany()`,
      );
    const ids = stored.map(() => `${this.#idPrefix}-${++this.#lastId}`);
    this.#underWay += stored.length;
    try {
      if (await this.#clerk.ask(['put', ids, stored])) return ids;
    } finally {
      this.#underWay -= stored.length;
    }
    const { limit } = this.#options;
    throw new QueueFullError(
      `${this.name} holds its limit of ${limit} messages, or would with these ${stored.length}; wait until some are done, or raise the limit`,
    );
  }

  consume(handler: Handler<Delivery<T>>, options: IntakeOptions<T>): Intake {
    return this.#intakes.open((sink) => new SqliteStore<T>(this.#clerk, sink, this.#options.policy), handler, options);
  }

  /** How many messages are in the file, whichever process has them. */
  stats(): Promise<Counts> {
    return this.#clerk.counts();
  }

  /** The oldest dead letters, which stay where they are. */
  async deadLetters(limit = 1000): Promise<DeadLetter<T>[]> {
    return (await this.#clerk.dead(checkLimit(limit), false)).map((row) => this.#letter(row));
  }

  /** Take out the oldest dead letters: they are gone from the file when it resolves. */
  async takeDeadLetters(limit = 1000): Promise<DeadLetter<T>[]> {
    return (await this.#clerk.dead(checkLimit(limit), true)).map((row) => this.#letter(row));
  }

  /** Put dead letters back, those with these ids or all, behind what waits and with all attempts before them. Gives how many. */
  async requeueDeadLetters(ids?: Iterable<string>): Promise<number> {
    return Number(await this.#clerk.ask(['requeue', ids === undefined ? undefined : checkIds(ids)]));
  }

  /**
   * Close it: what was put in is stored, and the thread ends. Its consumers are to be closed before; what they have under way is
   * given back, and they end with an error. Resolves when the file is closed, and never rejects.
   */
  close(): Promise<void> {
    return this.#intakes.close(() => this.#clerk.close().catch(() => {}));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serialize(data: T): StoredData {
    return serializeMessage(this.name, this.#options.serialize, data, isStorable, 'a string or a Uint8Array');
  }

  #letter({ id, data: raw, attempt, reason, error }: DeadRow): DeadLetter<T> {
    const { name, parse } = this.#options.policy;
    let data: T | undefined;
    try {
      data = parse(raw);
    } catch {
      // It is malformed; or the queue was opened with another parser than before.
    }
    return { id, name, data, raw, attempt, reason: reason as DeadReason, error: unpackDeadError(error) };
  }
}

function isStorable(stored: unknown): stored is StoredData {
  return typeof stored === 'string' || stored instanceof Uint8Array;
}

/**
 * A queue in a file, for one machine: what was put in is there after a crash of the process, a kill or a power cut, until a consumer
 * is done with it. Several processes may share the file, to put in and to consume; it must be on a local disk (SQLite's
 * write-ahead log does not work on network file systems), and it is the queue's own. It is made when it is first used.
 *
 * **At least once**: a process that dies after the work and before the acknowledgement has its messages delivered again, `leaseMs`
 * later and with the same `id`, for an idempotency key. Every delivery counts as an attempt, so that a message that ends its process
 * goes to the dead letters in the end; those stay until somebody takes them (`deadLimit`), and do not count against `limit`. The work on the file is done in a thread of the queue's own; what comes while it commits is in
 * its next transaction. The file never shrinks: what is done makes room for what comes.
 *
 * Needs node:sqlite, which Node has from 22.13; throws SqliteMissingError where it is missing, and InvalidArgumentError for wrong options.
 *
 * @example
 * import { on } from 'node:events';
 * import { consume } from 'offloop';
 * import { sqliteQueue } from 'offloop/sqlite';
 * await using queue = sqliteQueue<number>('numbers.db');
 * await queue.putMany([10, 20]);
 * await using consumer = consume(queue, jobs.fib, { on: loop });
 * for await (const [{ data, result }] of on(consumer, 'done')) {
 *   console.log(data, result);
 *   if (data === 20) break;
 * }
 */
export function sqliteQueue<T>(path: string | URL, options?: SqliteQueueOptions<T>): SqliteQueue<T> {
  return new SqliteQueue<T>(path, options);
}
