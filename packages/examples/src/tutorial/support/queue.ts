import { memoryQueue, type Source } from 'offloop';

import { byHand } from './clock.ts';

/**
 * The queue that the messages of S22, S23, S27 and S28 come from: in this process's memory; with `REDIS_URL`, a list of that
 * Redis: with `BY_HAND=1` the tutorial's, `queue`, else one of this run alone. `QUEUE_KEY` names another one.
 */
export interface TutorialQueue extends AsyncDisposable {
  readonly source: Source<number>;
  /** `BY_HAND=1` and a Redis: it is you who pushes, with `redis-cli lpush queue 2`; `push` does nothing then. */
  readonly isFedByHand: boolean;
  push(...messages: readonly number[]): Promise<void>;
  /** How many have not been taken. */
  waiting(): Promise<number>;
}

export function openQueue(): Promise<TutorialQueue> {
  const url = process.env['REDIS_URL'];
  return url === undefined ? openMemory() : openRedis(url, process.env['QUEUE_KEY']);
}

async function openMemory(): Promise<TutorialQueue> {
  const queue = memoryQueue<number>();
  return {
    source: queue,
    isFedByHand: false,
    async push(...messages) {
      for (const each of messages) await queue.put(each);
    },
    waiting: async () => queue.stats().waiting,
    async [Symbol.asyncDispose]() {},
  };
}

async function openRedis(url: string, givenKey: string | undefined): Promise<TutorialQueue> {
  const ownKey = byHand ? 'queue' : `tutorial-${process.pid}`;
  const key = givenKey ?? ownKey;
  const [{ redisList }, { Redis }] = await Promise.all([import('offloop/redis'), import('ioredis')]);
  // The producer's connection: the consumer has its own.
  const client = new Redis(url);
  return {
    source: redisList<number>({ url, key }),
    isFedByHand: byHand,
    async push(...messages) {
      if (!byHand) await client.lpush(key, ...messages);
    },
    waiting: () => client.llen(key),
    async [Symbol.asyncDispose]() {
      if (key === ownKey && !byHand) await client.unlink(key);
      await client.quit();
    },
  };
}
