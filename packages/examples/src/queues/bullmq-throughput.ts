// How many no-op messages a second go through BullMQ: its own Worker with an inline function, the same while the program uses an
// AsyncLocalStorage (as every tracing library does, and as offloop does where tasks run; on Node 20 and 22 it makes each promise dearer)
// and with a function that can hear of a cancel (BullMQ then makes an AbortController for each job, 2 µs on Node 20),
// consume(bullmqSource) with handlers in this thread and with jobs on a loop and on a pool, and a Worker whose processor sends each job
// to another thread: by bullmqProcessor, by bare postMessage, and by piscina. See contest.ts. Arguments: concurrency (32), rounds (3),
// messages a round (20000).
import { AsyncLocalStorage } from 'node:async_hooks';

import { Queue, Worker, type Processor } from 'bullmq';
import { consume, jobModule, LoopPool, WorkerLoop } from 'offloop';
import { bullmqProcessor, bullmqSource } from 'offloop/bullmq';

import { start as piscina } from '../bench/contestants/piscina.ts';
import { start as raw } from '../bench/contestants/raw.ts';
import { counting, runContest, type Place } from './contest.ts';

const jobs = jobModule<typeof import('./noop.ts')>(new URL('./noop.js', import.meta.url));
const queueName = 'throughput';

const source = (url: string) => bullmqSource<number>(queueName, { connection: { url } });

function work({ url, concurrency }: Place, processor: Processor<number>, done: () => void): void {
  const worker = new Worker(queueName, processor, {
    connection: { url },
    concurrency,
    removeOnComplete: { count: 1000 },
  });
  worker.on('completed', done);
}

await runContest({
  program: import.meta.url,
  port: 16_379,
  defaults: { concurrency: 32, rounds: 3, messages: 20_000 },
  fill: async (url, count) => {
    const queue = new Queue(queueName, { connection: { url } });
    await queue.obliterate({ force: true });
    await queue.addBulk(Array.from({ length: count }, (_, n) => ({ name: 'noop', data: n })));
    await queue.close();
  },
  contestants: {
    'BullMQ, inline no-op': (place, done) => work(place, async () => 0, done),
    'the same, AsyncLocalStorage': (place, done) => {
      const storage = new AsyncLocalStorage<number>();
      work(place, () => storage.run(0, async () => 0), done);
    },
    'the same, takes a signal': (place, done) => work(place, async (_job, _token, _signal) => 0, done),
    'consume, in this thread': ({ url, concurrency }, done) =>
      counting(
        consume(source(url), () => 0, { consumers: concurrency }),
        done,
      ),
    'consume, on a loop': ({ url, concurrency }, done) =>
      counting(consume(source(url), jobs.noop, { on: new WorkerLoop(), concurrency }), done),
    'consume, on a pool': ({ url, concurrency }, done) =>
      counting(consume(source(url), jobs.noop, { on: new LoopPool({ size: 1 }), concurrency }), done),
    'BullMQ, bullmqProcessor': (place, done) =>
      work(place, bullmqProcessor(jobs.noop, { on: new LoopPool({ size: 1 }) }), done),
    'BullMQ, bare postMessage': (place, done) => {
      const threads = raw(1);
      work(place, async ({ data }) => await threads.call('echo', data), done);
    },
    'BullMQ, piscina': (place, done) => {
      const pool = piscina(1, { concurrentTasksPerWorker: 1024 });
      work(place, async ({ data }) => await pool.call('echo', data), done);
    },
  },
});
