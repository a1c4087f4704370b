// How many no-op messages a second go through a Redis list: by a bare loop of BLMOVE and LREM on each of two connections, which is as
// many as a redisList has, and by consume(redisList) with handlers in this thread and with jobs on a pool. See contest.ts. Arguments:
// concurrency (32), rounds (7), messages a round (20000).
import { Redis } from 'ioredis';
import { consume, jobModule, LoopPool } from 'offloop';
import { redisList } from 'offloop/redis';

import { counting, runContest } from './contest.ts';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const key = 'throughput';
/** Where the bare loops keep what they work at: one each. */
const helds = [`${key}:held:0`, `${key}:held:1`];

async function bareLoop(connection: Redis, held: string, done: () => void): Promise<void> {
  for (;;) {
    const payload = await connection.blmove(key, held, 'RIGHT', 'LEFT', 0);
    JSON.parse(payload as string);
    await connection.lrem(held, -1, payload as string);
    done();
  }
}

await runContest({
  program: import.meta.url,
  port: 16_380,
  defaults: { concurrency: 32, rounds: 7, messages: 20_000 },
  fill: async (url, count) => {
    const client = new Redis(url, { retryStrategy: () => 50 });
    // It may not be up yet.
    client.on('error', () => {});
    await client.del(key, ...helds);
    client.disconnect();
    await using list = redisList<number>({ key, url });
    await list.putMany(Array.from({ length: count }, (_, n) => n));
  },
  contestants: {
    'bare BLMOVE + LREM': ({ url }, done) => {
      for (const held of helds) void bareLoop(new Redis(url), held, done);
    },
    'consume(redisList), here': ({ url, concurrency }, done) =>
      counting(
        consume(redisList<number>({ key, url }), async () => {}, { consumers: concurrency }),
        done,
      ),
    'consume(redisList), pool': ({ url, concurrency }, done) =>
      counting(
        consume(redisList<number>({ key, url }), jobs.noop, { on: new LoopPool({ size: 1 }), concurrency }),
        done,
      ),
  },
});
