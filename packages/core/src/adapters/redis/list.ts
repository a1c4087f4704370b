import { inspect } from 'node:util';

import type { Redis } from 'ioredis';

import type { DeadLetter, Delivery, Handler, Intake, IntakeOptions, Source } from '../../index.ts';
import { OpenIntakes } from '../open-intakes.ts';
import { checkIds, checkLimit, checkMessages } from '../read-options.ts';
import { serializeMessage } from '../serialize.ts';
import { Connection } from './connection.ts';
import { readLetter } from './letters.ts';
import type { RedisMessage } from './message.ts';
import { readListOptions, type Policy, type RedisListOptions, type Settings } from './options.ts';
import { scripts } from './scripts.ts';
import { RedisStore } from './store.ts';

/** What a call other than consuming waits for Redis to answer. */
const answerMs = 5000;
/** Most values in one command. */
const mostAtOnce = 1000;

export interface RedisListStats {
  /** Messages that can be taken right now. */
  readonly waiting: number;
  /** Messages that wait for their next attempt. */
  readonly delayed: number;
  /** Messages that consumers have, also those of dead ones that nobody has given back yet. */
  readonly held: number;
  /** Dead letters. */
  readonly dead: number;
}

/** See `redisList`, which makes one. */
export class RedisList<T> implements Source<T> {
  readonly name: string;
  /** The key of the list. */
  readonly key: string;
  readonly #settings: Settings;
  readonly #policy: Policy<T>;
  readonly #intakes: OpenIntakes<RedisMessage<T>>;
  readonly #connection: Connection;

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: RedisList<unknown>) {
        return `<RedisList '${this.key}'>`;
      },
    });
  }

  constructor(options: RedisListOptions<T>) {
    const { settings, policy } = readListOptions<T>(options);
    this.#settings = settings;
    this.#policy = policy;
    this.name = settings.name;
    this.key = settings.key;
    this.#intakes = new OpenIntakes(settings.name);
    this.#connection = new Connection({ name: settings.name, connect: settings.connect, isDaemon: true });
  }

  /**
   * Push a message, as any producer may. Rejects with InvalidArgumentError when `data` cannot be serialized, InvalidStateError
   * when the list is closed, and RedisListError when Redis cannot be reached or refuses it; it may be in there all the same when the
   * connection broke before the answer.
   */
  async put(data: T): Promise<void> {
    await this.putMany([data]);
  }

  /** Push messages, a thousand in one command: those of a command are all in there, or none. */
  async putMany(data: Iterable<T>): Promise<void> {
    const texts = checkMessages(data).map((each) => this.#serialize(each));
    for (let i = 0; i < texts.length; i += mostAtOnce)
      await this.#call((client) => client[this.#settings.append](this.key, ...texts.slice(i, i + mostAtOnce)));
  }

  consume(handler: Handler<Delivery<T>>, options: IntakeOptions<T>): Intake {
    return this.#intakes.open((sink) => new RedisStore<T>(this.#settings, this.#policy, sink), handler, options);
  }

  /** How many messages there are, whoever has them, all counted in one moment. */
  async stats(): Promise<RedisListStats> {
    const { keys } = this.#settings;
    return this.#call(async (client) => {
      for (let counted: readonly string[] = []; ;) {
        const names = [keys.line, keys.consumers, keys.delayed, keys.dead, ...counted.map((owner) => keys.held(owner))];
        const [owners, waiting, delayed, dead, held] = await scripts.count.run(client, names, []);
        if (owners.every((owner) => counted.includes(owner))) return { waiting, delayed, held, dead };
        counted = owners;
      }
    });
  }

  /** The oldest dead letters, which stay where they are. */
  deadLetters(limit = 1000): Promise<DeadLetter<T>[]> {
    return this.#letters(limit, 0);
  }

  /** Take out the oldest dead letters: they are gone from Redis when it resolves, and may be when the connection breaks before. */
  takeDeadLetters(limit = 1000): Promise<DeadLetter<T>[]> {
    return this.#letters(limit, 1);
  }

  /** Put dead letters back, those with these ids or all, behind what waits and with all attempts before them. Gives how many. */
  async requeueDeadLetters(ids?: Iterable<string>): Promise<number> {
    const { keys, append } = this.#settings;
    const wanted =
      ids === undefined ? await this.#call((client) => client.zrange(keys.deadOrder, '0', '-1')) : checkIds(ids);
    let count = 0;
    for (let i = 0; i < wanted.length; i += mostAtOnce)
      count += await this.#call((client) =>
        scripts.requeue.run(
          client,
          [keys.line, keys.dead, keys.deadOrder],
          [append, ...wanted.slice(i, i + mostAtOnce)],
        ),
      );
    return count;
  }

  /**
   * Close its connections. Its consumers are to be closed before; what they have under way is given back, and they end with an
   * error. Never rejects.
   */
  close(): Promise<void> {
    return this.#intakes.close(() => this.#connection.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #letters(limit: number, takes: 0 | 1): Promise<DeadLetter<T>[]> {
    const { key, keys } = this.#settings;
    checkLimit(limit);
    const most = Math.min(limit, 2 ** 50);
    const list = await this.#call((client) => scripts.letters.run(client, [keys.dead, keys.deadOrder], [most, takes]));
    const letters: DeadLetter<T>[] = [];
    for (let i = 0; i < list.length; i += 2)
      letters.push(readLetter(list[i] as string, list[i + 1] as string, key, this.#policy.parse));
    return letters;
  }

  async #call<R>(work: (client: Redis) => Promise<R>): Promise<R> {
    this.#intakes.mustBeOpen();
    return this.#connection.call(answerMs, work);
  }

  #serialize(data: T): string {
    return serializeMessage(this.name, this.#policy.serialize, data, isText, 'a string');
  }
}

function isText(stored: unknown): stored is string {
  return typeof stored === 'string';
}

/**
 * A plain Redis list as a source for `consume`, as producers in any language fill it: `redis-cli lpush queue 5`. Several consumers,
 * also on other machines, share it. Needs ioredis, and Redis 6.2 or later.
 *
 * At least once: a message stays in Redis until its handler has resolved, and is delivered again when its consumer was killed, its lease
 * ran out, or a reply was lost; so it may be worked on twice, and `delivery.id`, the same each time, is for an idempotency key.
 * Messages that came back, and wait for another attempt, lie in the list in an envelope (`offloop/1 <id> <attempts>`, a line feed, the
 * payload), for consumers of this kind alone.
 *
 * @example
 * import { on } from 'node:events';
 * import { consume } from 'offloop';
 * import { redisList } from 'offloop/redis';
 * await using list = redisList<number>({ key: 'queue', url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' });
 * await using consumer = consume(list, jobs.fib, { on: loop });
 * await list.put(20); // as redis-cli lpush queue 20
 * for await (const [{ data, result }] of on(consumer, 'done')) {
 *   console.log(data, result); // 20 6765
 *   break;
 * }
 */
export function redisList<T>(options: RedisListOptions<T>): RedisList<T> {
  return new RedisList<T>(options);
}
