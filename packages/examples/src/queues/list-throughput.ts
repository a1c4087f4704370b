// How many no-op messages a second go through a Redis list: by a bare loop of BLMOVE and LREM on each of two connections, which is as
// many as a redisList has, and by consume(redisList) with handlers in this thread and with jobs on a pool. They take turns, on a Redis
// that this program starts (or REDIS_URL); the medians of the rounds are compared. Arguments: concurrency (32), rounds (7), messages a
// round (20000).
import { Redis } from 'ioredis';
import { consume, jobModule, LoopPool } from 'offloop';
import { redisList } from 'offloop/redis';

import { counting, runContest, useRedis } from './contest.ts';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const [concurrency = 32, rounds = 7, messages = 20_000] = process.argv.slice(2).map(Number);
const redis = useRedis(16_380);
const { url } = redis;
const [key, bareConnections] = ['throughput', 2];

await using pool = new LoopPool({ size: 1 });
await pool.run(jobs.noop(0));
const client = new Redis(url, { retryStrategy: () => 50 });
client.on('error', () => {});
const list = redisList<number>({ key, url });

function bareLoops(done: () => void): () => Promise<unknown> {
  const connections = Array.from({ length: bareConnections }, () => new Redis(url));
  const loops = connections.map(async (connection, index) => {
    const held = `${key}:held:${index}`;
    try {
      for (;;) {
        const payload = await connection.blmove(key, held, 'RIGHT', 'LEFT', 0);
        JSON.parse(payload as string);
        await connection.lrem(held, -1, payload as string);
        done();
      }
    } catch {
      // Its connection is closed.
    }
  });
  return async () => {
    for (const connection of connections) connection.disconnect();
    await Promise.all(loops);
  };
}

await runContest({
  rounds,
  messages,
  fill: async (count) => {
    await client.del(key);
    await list.putMany(Array.from({ length: count }, (_, n) => n));
  },
  contestants: [
    { name: 'bare BLMOVE + LREM', start: bareLoops },
    {
      name: 'consume(redisList), here',
      start: (done) =>
        counting(
          consume(list, async () => {}, { consumers: concurrency }),
          done,
        ),
    },
    {
      name: 'consume(redisList), pool',
      start: (done) => counting(consume(list, jobs.noop, { on: pool, concurrency }), done),
    },
  ],
});
await list.close();
client.disconnect();
await redis.end();
