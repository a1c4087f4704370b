// How many no-op messages a second go through BullMQ: its own Worker with an inline function, a Worker with bullmqProcessor, and
// consume(bullmqSource) with handlers in this thread and with jobs on a pool. They take turns, on a Redis that this program starts (or
// REDIS_URL); the medians of the rounds are compared. Arguments: concurrency (32), rounds (7), messages a round (5000).
import { Queue, Worker, type Processor } from 'bullmq';
import { consume, jobModule, LoopPool } from 'offloop';
import { bullmqProcessor, bullmqSource } from 'offloop/bullmq';

import { counting, runContest, useRedis } from './contest.ts';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const [concurrency = 32, rounds = 7, messages = 5000] = process.argv.slice(2).map(Number);
const redis = useRedis(16_379);
const connection = { url: redis.url };
const options = { connection, concurrency, removeOnComplete: { count: 1000 } };

await using pool = new LoopPool({ size: 1 });
await pool.run(jobs.noop(0));
const queue = new Queue('throughput', { connection });
const source = bullmqSource<number>('throughput', { connection });

function workerWith(processor: Processor<number>, done: () => void): () => Promise<void> {
  const worker = new Worker('throughput', processor, options);
  worker.on('completed', done);
  return () => worker.close();
}

await runContest({
  rounds,
  messages,
  fill: async (count) => {
    await queue.obliterate({ force: true });
    await queue.addBulk(Array.from({ length: count }, (_, n) => ({ name: 'noop', data: n })));
  },
  contestants: [
    {
      name: 'BullMQ, inline no-op',
      start: (done) => workerWith(async () => 0, done),
    },
    {
      name: 'BullMQ, bullmqProcessor',
      start: (done) => workerWith(bullmqProcessor(jobs.noop, { on: pool }), done),
    },
    {
      name: 'consume, in this thread',
      start: (done) =>
        counting(
          consume(source, () => 0, { consumers: concurrency }),
          done,
        ),
    },
    {
      name: 'consume, on a pool',
      start: (done) => counting(consume(source, jobs.noop, { on: pool, concurrency }), done),
    },
  ],
});
await queue.close();
await redis.end();
