// How many no-op messages a second go through a Redis list: by a bare loop of BLMOVE and LREM on each of two connections, which is as
// many as a redisList has, and by consume(redisList) with handlers in this thread and with jobs on a pool. They take turns, on a Redis
// that this program starts (or REDIS_URL); the medians of the rounds are compared. Arguments: concurrency (32), rounds (7), messages a
// round (20000).
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Redis } from 'ioredis';
import { consume, jobModule, LoopPool, type Consumer } from 'offloop';
import { redisList } from 'offloop/redis';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const [concurrency = 32, rounds = 7, messages = 20_000] = process.argv.slice(2).map(Number);
const port = 16_380;
const server =
  process.env['REDIS_URL'] === undefined
    ? spawn('redis-server', ['--port', String(port), '--save', ''], { stdio: 'ignore' })
    : undefined;
const url = process.env['REDIS_URL'] ?? `redis://127.0.0.1:${port}`;
const [key, bareConnections] = ['throughput', 2];

await using pool = new LoopPool({ size: 1 });
await pool.run(jobs.noop(0));
const client = new Redis(url, { retryStrategy: () => 50 });
client.on('error', () => {});
const list = redisList<number>({ key, url });

interface Contestant {
  readonly name: string;
  readonly rates: number[];
  /** Consume until `done` was called for each message; gives what ends it. */
  start(done: () => void): () => Promise<unknown>;
}

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

function counting(consumer: Consumer<number>, done: () => void): () => Promise<unknown> {
  consumer.on('done', done);
  return () => consumer.close();
}

const contestants: Contestant[] = [
  { name: 'bare BLMOVE + LREM', rates: [], start: bareLoops },
  {
    name: 'consume(redisList), here',
    rates: [],
    start: (done) =>
      counting(
        consume(list, async () => {}, { consumers: concurrency }),
        done,
      ),
  },
  {
    name: 'consume(redisList), pool',
    rates: [],
    start: (done) => counting(consume(list, jobs.noop, { on: pool, concurrency }), done),
  },
];

async function round(contestant: Contestant): Promise<void> {
  await client.del(key);
  await list.putMany(Array.from({ length: messages }, (_, n) => n));
  let left = messages;
  let begin = 0;
  let end: (() => Promise<unknown>) | undefined;
  await new Promise<void>((resolve) => {
    end = contestant.start(() => {
      // From the first one on: connecting is no throughput.
      if (left === messages) begin = performance.now();
      if (--left === 0) resolve();
    });
  });
  contestant.rates.push((messages - 1) / ((performance.now() - begin) / 1000));
  await end?.();
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

for (const each of contestants) await round(each);
for (const each of contestants) each.rates.length = 0;
for (let i = 0; i < rounds; i++) for (const each of contestants) await round(each);
const [bare] = contestants;
const best = median(bare?.rates ?? []);
for (const { name, rates } of contestants) {
  const range = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
  console.log(
    `${name.padEnd(26)} ${Math.round(median(rates))} a second (${range}), ${Math.round((100 * median(rates)) / best)} %`,
  );
}
await list.close();
client.disconnect();
if (server !== undefined) {
  server.kill();
  await once(server, 'exit');
}
