// A list on a real Redis, and what consumers of it are told.
import { Redis } from 'ioredis';
import type { Delivery, Handler, Intake, IntakeOptions } from 'offloop';
import { scripts } from 'offloop-internal/adapters/redis/scripts.js';
import { redisList, type RedisList, type RedisListOptions } from 'offloop/redis';
import type { SourceRig } from 'offloop/testing';

import { RedisServer } from '../../redis/server.js';
import { IntakeRig } from '../intake-rig.js';

export { eventually } from '../intake-rig.js';

export const key = 'queue';
const prefix = `{${key}}:offloop:`;

/** A third of it is what Redis may take to answer: more than a busy machine lets it wait, since a late answer is told as trouble. */
const calmMs = 15_000;
/** For tests that wait for a beat, or for the lease of somebody who died. */
export const quick = { leaseMs: 1000 } satisfies Partial<RedisListOptions<number>>;

/** A Redis of its own, a producer's client, and lists that are closed at the end. */
export class ListRig extends IntakeRig<number> implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly client: Redis;
  readonly seen: Delivery<number>[] = [];
  readonly #lists: RedisList<number>[] = [];

  private constructor(redis: RedisServer) {
    super();
    this.redis = redis;
    this.client = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    this.client.on('error', () => {});
  }

  static async open(options: { readonly started?: boolean } = {}): Promise<ListRig> {
    return new ListRig(await RedisServer.open(options));
  }

  list(options: Partial<RedisListOptions<number>> = {}): RedisList<number> {
    const where = options.client === undefined ? { url: this.redis.url } : {};
    const list = redisList<number>({ key, ...where, leaseMs: calmMs, backoff: 1, ...options });
    this.#lists.push(list);
    return list;
  }

  /** Consume; what comes is noted in `seen` before the handler gets it. */
  consume(
    handler: Handler<Delivery<number>> = async () => {},
    options: Partial<IntakeOptions<number>> = {},
    list: RedisList<number> = this.list(),
  ): Intake {
    const noted: Handler<Delivery<number>> = (delivery) => {
      this.seen.push(delivery);
      return handler(delivery);
    };
    return this.take(list, noted, options);
  }

  /** As any producer. */
  async push(...payloads: (string | number)[]): Promise<void> {
    for (const payload of payloads) await this.client.lpush(key, payload);
  }

  /** Have all leases run out, and somebody reap their consumers. */
  async loseLeases(): Promise<void> {
    const owners = await this.client.zrange(`${prefix}consumers`, '0', '-1');
    for (const owner of owners) {
      await this.client.zadd(`${prefix}consumers`, 1, owner);
      const keys = [key, `${prefix}consumers`, `${prefix}held:${owner}`, `${prefix}delayed`];
      await scripts.release.run(this.client, keys, [owner, '1', 'RPUSH', 1, 100]);
    }
  }

  /** All keys that there are, for tests that nothing is left. */
  keys(): Promise<string[]> {
    return this.client.keys('*');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeIntakes();
    await Promise.all(this.#lists.map((list) => list.close()));
    this.client.disconnect();
    await this.redis[Symbol.asyncDispose]();
  }
}

/** For the conformance suite. */
export async function makeSourceRig(options: Partial<RedisListOptions<number>> = {}): Promise<SourceRig> {
  const rig = await ListRig.open();
  const producer = rig.list(options);
  return {
    open: () => rig.list(options),
    put: (data) => rig.push(data),
    async count() {
      const { waiting, delayed, dead } = await producer.stats();
      return { waiting: waiting + delayed, dead };
    },
    putMalformed: () => rig.push('{"half":'),
    loseLeases: () => rig.loseLeases(),
    async cut() {
      await rig.redis.kill();
      return () => rig.redis.start();
    },
    close: () => rig[Symbol.asyncDispose](),
  };
}
