// S22: this thread takes messages from a queue and hands each to the loop of another thread at once. Where the tutorial
// polls, and sleeps for a second when there is nothing, the source waits until there is something; and where it loses what
// it has taken when it is killed, a message of a Redis list is another's then. REDIS_URL=redis://127.0.0.1:6379 takes from one.
import { once } from 'node:events';

import { consume, jobModule, Queue, run, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';
import { openQueue } from './support/queue.ts';

const jobs = jobModule<typeof import('./jobs/messages.ts')>(new URL('./jobs/messages.js', import.meta.url));

await using queue = await openQueue();

/** Runs until `feed` ends, and all that was taken is done; gives the seconds. `done` tells of each message that is worked through. */
async function master(feed: (done: Queue<number>) => Promise<void>): Promise<number> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready());
  const done = new Queue<number>();
  const time = stopwatch();
  const consumer = consume(queue.source, jobs.doSomeWork, { on: loop, concurrency: 100 });
  consumer.on('done', ({ data }) => done.putNowait(data));
  await feed(done);
  await consumer.drain();
  await loop.close();
  return time();
}

async function pushOneByOne(done: Queue<number>): Promise<void> {
  await queue.push(2);
  await done.get();
  await queue.push(5, 1);
  await done.get();
  await queue.push(1);
  await done.get();
  await done.get();
}

async function pushAtOnce(done: Queue<number>): Promise<void> {
  await queue.push(2, 5, 1, 1);
  for (let i = 0; i < 4; i++) await done.get();
}

async function main(signal: AbortSignal): Promise<void> {
  if (queue.isFedByHand) console.log('TIME: ', await master(async () => void (await once(signal, 'abort'))));
  else for (const feed of [pushOneByOne, pushAtOnce]) console.log('TIME: ', await master(feed));
}

await run(main, { onSignal: 'drain', graceMs: 60_000 });
