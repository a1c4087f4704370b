import { Redis } from 'ioredis';

import { listPrefix, queueName } from '../plan.ts';
import { RedisServer } from '../redis-server.ts';
import type { Stock } from '../stock.ts';

/** In one step: a message that moves meanwhile would be seen nowhere. Also what consumers have that nobody knows of any more. */
const count = `
local key, prefix = unpack(ARGV)
local waiting = redis.call('LLEN', key)
local left = waiting + redis.call('ZCARD', prefix .. 'delayed')
for _, held in ipairs(redis.call('KEYS', prefix .. 'held:*')) do
  left = left + redis.call('HLEN', held)
end
return { waiting, left, redis.call('HLEN', prefix .. 'dead') }
`;

/** A Redis list, as producers in any language fill it. What consumers have is counted without asking them; of the naive ones nobody knows. */
export async function openList(): Promise<Stock> {
  const redis = await RedisServer.open();
  const client = new Redis(redis.url);
  client.on('error', () => {});
  return {
    at: redis.url,
    redis,
    put: (messages) => client.lpush(queueName, ...messages),
    async count() {
      const [waiting, left, dead] = (await client.eval(count, 0, queueName, listPrefix)) as [number, number, number];
      return { waiting, left, dead };
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await redis[Symbol.asyncDispose]();
    },
  };
}
