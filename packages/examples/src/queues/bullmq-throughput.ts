// How many no-op messages a second go through BullMQ: its own Worker with an inline function, a Worker with bullmqProcessor, and
// consume(bullmqSource), the last two with the jobs on a pool. The three take turns, on a Redis that this program starts (or
// REDIS_URL); the medians of the rounds are compared. Arguments: concurrency (32), rounds (7), messages a round (5000).
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Queue, Worker, type Processor } from 'bullmq';
import { consume, jobModule, LoopPool, type Consumer } from 'offloop';
import { bullmqProcessor, bullmqSource } from 'offloop/bullmq';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const [concurrency = 32, rounds = 7, messages = 5000] = process.argv.slice(2).map(Number);
const port = 16_379;
const server =
  process.env['REDIS_URL'] === undefined ? spawn('redis-server', ['--port', String(port), '--save', '']) : undefined;
const connection = { url: process.env['REDIS_URL'] ?? `redis://127.0.0.1:${port}` };
const options = { connection, concurrency, removeOnComplete: { count: 1000 } };

await using pool = new LoopPool({ size: 1 });
await pool.run(jobs.noop(0));
const queue = new Queue('throughput', { connection });
const source = bullmqSource<number>('throughput', { connection });

interface Contestant {
  readonly name: string;
  readonly rates: number[];
  /** Consume until `done` was called for each message; gives what ends it. */
  start(done: () => void): () => Promise<unknown>;
}

function workerWith(processor: Processor<number>, done: () => void): () => Promise<void> {
  const worker = new Worker('throughput', processor, options);
  worker.on('completed', done);
  return () => worker.close();
}

function counting(consumer: Consumer<number>, done: () => void): () => Promise<unknown> {
  consumer.on('done', done);
  return () => consumer.close();
}

const contestants: Contestant[] = [
  {
    name: 'BullMQ, inline no-op',
    rates: [],
    start: (done) => workerWith(async () => 0, done),
  },
  {
    name: 'BullMQ, bullmqProcessor',
    rates: [],
    start: (done) => workerWith(bullmqProcessor(jobs.noop, { on: pool }), done),
  },
  {
    name: 'consume, in this thread',
    rates: [],
    start: (done) =>
      counting(
        consume(source, () => 0, { consumers: concurrency }),
        done,
      ),
  },
  {
    name: 'consume, on a pool',
    rates: [],
    start: (done) => counting(consume(source, jobs.noop, { on: pool, concurrency }), done),
  },
];

async function round(contestant: Contestant): Promise<void> {
  await queue.obliterate({ force: true });
  await queue.addBulk(Array.from({ length: messages }, (_, n) => ({ name: 'noop', data: n })));
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
const [inline] = contestants;
const best = median(inline?.rates ?? []);
for (const { name, rates } of contestants) {
  const range = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))}`;
  console.log(
    `${name.padEnd(26)} ${Math.round(median(rates))} a second (${range}), ${Math.round((100 * median(rates)) / best)} %`,
  );
}
await queue.close();
if (server !== undefined) {
  server.kill();
  await once(server, 'exit');
}
