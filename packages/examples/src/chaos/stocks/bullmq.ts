import { Queue } from 'bullmq';

import { queueName } from '../plan.ts';
import { RedisServer } from '../redis-server.ts';
import type { Stock } from '../stock.ts';

export async function openBullmq(): Promise<Stock> {
  const redis = await RedisServer.open();
  const queue = new Queue(queueName, { connection: { url: redis.url } });
  queue.on('error', () => {});
  return {
    at: redis.url,
    redis,
    put: (messages) => queue.addBulk(messages.map((data) => ({ name: 'note', data }))),
    async count() {
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await queue.getJobCounts();
      return { waiting, left: waiting + active + delayed, dead: failed };
    },
    async [Symbol.asyncDispose]() {
      await queue.getBackend().close(true);
      await redis[Symbol.asyncDispose]();
    },
  };
}
