// A list on a real Redis, and what consumers of it are told.
import { Redis } from 'ioredis';
import type { DeadLetter, Delivery, Handler, Intake, IntakeOptions } from 'offloop';
import { scripts } from 'offloop-internal/adapters/redis/scripts.js';
import { redisList, type RedisList, type RedisListOptions } from 'offloop/redis';
import type { SourceRig } from 'offloop/testing';

import { RedisServer } from '../../redis/server.js';

export const key = 'queue';
const prefix = `{${key}}:offloop:`;

/** A Redis of its own, a producer's client, and lists that are closed at the end. */
export class ListRig implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly client: Redis;
  readonly letters: DeadLetter<number>[] = [];
  readonly errors: Error[] = [];
  readonly seen: Delivery<number>[] = [];
  readonly #lists: RedisList<number>[] = [];
  readonly #intakes: Intake[] = [];

  private constructor(redis: RedisServer) {
    this.redis = redis;
    this.client = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    this.client.on('error', () => {});
  }

  static async open(options: { readonly started?: boolean } = {}): Promise<ListRig> {
    return new ListRig(await RedisServer.open(options));
  }

  list(options: Partial<RedisListOptions<number>> = {}): RedisList<number> {
    const where = options.client === undefined ? { url: this.redis.url } : {};
    const list = redisList<number>({ key, ...where, leaseMs: 1000, backoff: 1, ...options });
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
    const intake = list.consume(noted, {
      concurrency: 1,
      onError: (error) => this.errors.push(error),
      onDead: (letter) => this.letters.push(letter),
      ...options,
    });
    this.#intakes.push(intake);
    return intake;
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
    await Promise.all(this.#intakes.map((intake) => intake.close()));
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

/** Wait until Redis, or anybody, says so. */
export async function eventually(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
}
