// S27: the master of S22 with the jobs of S25. The tutorial's source waits in Redis' brpop, and so keeps its thread; this
// one does not, also where it is a Redis list (REDIS_URL=redis://127.0.0.1:6379).
import { once } from 'node:events';

import { consume, jobModule, Queue, run, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';
import { openQueue } from './support/queue.ts';
import { startSmsService } from './support/sms-service.ts';

const jobs = jobModule<typeof import('./jobs/sms.ts')>(new URL('./jobs/sms.js', import.meta.url));

await using queue = await openQueue();
await using service = await startSmsService();

async function main(signal: AbortSignal): Promise<void> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready(service.url));
  const time = stopwatch();
  const done = new Queue<number>();
  const consumer = consume(queue.source, (x) => jobs.doSomeWork(service.url, service.url, x), {
    on: loop,
    concurrency: 100,
  });
  consumer.on('done', ({ data }) => done.putNowait(data));
  await queue.push(5, 1, 1);
  if (queue.isFedByHand) await once(signal, 'abort');
  else for (let i = 0; i < 3; i++) await done.get();
  await consumer.drain();
  await loop.close();
  console.log('TIME: ', time());
}

await run(main, { onSignal: 'drain', graceMs: 60_000 });
