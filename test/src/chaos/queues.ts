// A queue of each kind, with messages that are orders to the job `obey`, and one that is no message at all.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { memoryQueue, type Source } from 'offloop';
import { bullmqSource } from 'offloop/bullmq';
import { redisList } from 'offloop/redis';
import { sqliteQueue } from 'offloop/sqlite';

import { quick } from '../adapters/bullmq-rig.js';
import { Folder, hasSqlite } from '../adapters/sqlite/support.js';
import { hasRedis, RedisServer } from '../redis/server.js';

export interface OrderQueue extends AsyncDisposable {
  readonly source: Source<string>;
  put(order: string): PromiseLike<unknown>;
  /** Where a message can be malformed. */
  putMalformed?(): Promise<unknown>;
  count(): Promise<{ readonly left: number; readonly dead: number }>;
}

async function openBullmq(): Promise<OrderQueue> {
  const redis = await RedisServer.open();
  const connection = { url: redis.url };
  const queue = new Queue('orders', { connection });
  queue.on('error', () => {});
  return {
    source: bullmqSource<string>('orders', { connection, worker: quick }),
    put: (order) => queue.add('order', order),
    async putMalformed() {
      // Before anybody can take it.
      await queue.pause();
      const job = await queue.add('order', '');
      const client = await queue.getBackend().client;
      await client.hset(queue.toKey(job.id as string), { data: '{"half":' });
      await queue.resume();
    },
    async count() {
      const { failed = 0, ...others } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
      return { left: Object.values(others).reduce((sum, each) => sum + each, 0), dead: failed };
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function openList(): Promise<OrderQueue> {
  const redis = await RedisServer.open();
  const client = new Redis(redis.url);
  const list = redisList<string>({ key: 'orders', url: redis.url });
  return {
    source: list,
    put: (order) => list.put(order),
    // As any producer may.
    putMalformed: () => client.lpush('orders', '{"half":'),
    async count() {
      const { waiting, delayed, held, dead } = await list.stats();
      return { left: waiting + delayed + held, dead };
    },
    async [Symbol.asyncDispose]() {
      await list.close();
      client.disconnect();
      await redis[Symbol.asyncDispose]();
    },
  };
}

function openSqlite(): Promise<OrderQueue> {
  const folder = new Folder();
  const queue = sqliteQueue<string>(folder.file);
  return Promise.resolve({
    source: queue,
    put: (order) => queue.put(order),
    async putMalformed() {
      await using other = sqliteQueue<string>(folder.file, { serialize: () => '{"half":' });
      await other.put('');
    },
    async count() {
      const { waiting, delayed, held, dead } = await queue.stats();
      return { left: waiting + delayed + held, dead };
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      folder[Symbol.dispose]();
    },
  });
}

function openMemory(): Promise<OrderQueue> {
  const queue = memoryQueue<string>();
  return Promise.resolve({
    source: queue,
    put: (order) => queue.put(order),
    count() {
      const { waiting, delayed, held, dead } = queue.stats();
      return Promise.resolve({ left: waiting + delayed + held, dead });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** Those that there can be here. */
export const orderQueues: readonly (readonly [name: string, open: () => Promise<OrderQueue>])[] = [
  ['memory', openMemory],
  ...(hasSqlite ? ([['sqlite', openSqlite]] as const) : []),
  ...(hasRedis
    ? ([
        ['list', openList],
        ['bullmq', openBullmq],
      ] as const)
    : []),
];
