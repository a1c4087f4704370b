import { RedisConnection } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { InvalidArgumentError } from 'offloop';
import { bullmqSource } from 'offloop/bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.js';
import { thrownBy, until } from '../threads/support.js';
import { eventually, quick, Rig } from './bullmq-rig.js';

describe.runIf(hasRedis)('bullmqSource', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.open();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test("a client of the program's own is used, and stays open", async () => {
    const client = new Redis(redis.url, { maxRetriesPerRequest: null });
    await using rig = new Rig(redis);
    const seen: unknown[] = [];
    const source = bullmqSource<unknown>(rig.name, { connection: client, worker: quick });
    const intake = rig.take(source, async ({ data }) => void seen.push(data));
    await rig.put(1);
    await until(() => seen.length === 1, 'it is delivered');
    await intake.close();
    expect([seen, await client.ping(), rig.errors]).toEqual([[1], 'PONG', []]);
    client.disconnect();
  });

  test('a backoff that throws fails the attempt, and the slot is free for the next message', async () => {
    await using rig = new Rig(redis);
    const seen: unknown[] = [];
    const handler = async ({ data }: { readonly data: unknown }): Promise<void> => {
      seen.push(data);
      if (seen.length === 1) throw new Error('not today');
    };
    const backoff = (): number => {
      throw new RangeError('no backoff');
    };
    rig.consume(handler, { backoff, concurrency: 1 });
    const job = await rig.put(1);
    await until(() => seen.length === 2, 'the next attempt');
    await eventually(async () => (await job.getState()) === 'completed', 'it is done');
    await rig.put(2);
    await until(() => seen.length === 3, 'the next message');
    expect(seen).toEqual([1, 1, 2]);
  });

  test.each([
    [
      () => new Redis(redis.url),
      /^option connection .* with maxRetriesPerRequest 20: .* make it with \{ maxRetriesPerRequest: null \}/,
    ],
    [() => new Redis(redis.url, { maxRetriesPerRequest: 3 }), /is a client with maxRetriesPerRequest 3: /],
    [
      () => new Cluster([redis.url], { redisOptions: { maxRetriesPerRequest: 4 } }),
      /is a client with maxRetriesPerRequest 4: /,
    ],
    [
      () => new Redis(redis.url, { maxRetriesPerRequest: null, keyPrefix: 'app:' }),
      /is a client with keyPrefix 'app:', .* use the option prefix of bullmqSource/,
    ],
  ])('a client that BullMQ would throw for in consume is refused at once: %s', (make, message) => {
    const connection = make();
    connection.on('error', () => {});
    const thrown = thrownBy(() => bullmqSource('q', { connection }));
    const bare = thrownBy(() => new RedisConnection(connection, { blocking: true }));
    connection.disconnect();
    expect(thrown).toBeInstanceOf(InvalidArgumentError);
    expect((thrown as Error).message).toMatch(message);
    expect((bare as Error).message).toMatch(/^BullMQ: /);
  });

  test('what is no queue name, no connection or no option is refused at once', () => {
    const connection = { url: redis.url };
    for (const [call, message] of [
      [() => bullmqSource('', { connection }), /takes the name of a queue, without ':'; got ''$/],
      [() => bullmqSource('a:b', { connection }), /takes the name of a queue, without ':'; got 'a:b'$/],
      [() => bullmqSource('q', undefined as never), /^bullmqSource needs the option connection: .* as \{ connection: /],
      [() => bullmqSource('q', { connection: redis.url as never }), /^option connection .* got 'redis:\/\/127/],
      [() => bullmqSource('q', { connection, prefix: 7 as never }), /^option prefix .* must be a string; got 7$/],
      [() => bullmqSource('q', { connection, attempts: 3 } as never), /has no option "attempts"; it has connection,/],
      [() => bullmqSource('q', { connection, worker: 'fast' as never }), /^option worker .* got 'fast'$/],
      [() => bullmqSource('q', { connection, worker: { concurrency: 3 } as never }), /cannot set concurrency: /],
    ] as const) {
      const thrown = thrownBy(call);
      expect(thrown).toBeInstanceOf(InvalidArgumentError);
      expect((thrown as Error).message).toMatch(message);
    }
  });
});
