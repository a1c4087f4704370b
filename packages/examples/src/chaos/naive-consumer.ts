// The tutorial's master (S27), on a real Redis: pop a message, run its job on the loop, at most so many at a time. What it has
// popped, nobody else knows of.
import { Redis } from 'ioredis';
import { jobModule, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { queueName, type Plan } from './plan.ts';
import { onTerminate, say } from './say.ts';

const jobs = jobModule<typeof import('./jobs.ts')>(new URL('./jobs.js', import.meta.url));
const plan = JSON.parse(process.argv[2] ?? '') as Plan;

const loop = new WorkerLoop();
const redis = new Redis(plan.at, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
redis.on('error', (error: Error) => say(`source: ${error.message}`));

const ending = new AbortController();
const working = new Set<Promise<unknown>>();

async function master(): Promise<void> {
  while (!ending.signal.aborted) {
    if (working.size >= plan.concurrency) await Promise.race(working);
    const popped = await redis.brpop(queueName, 0.2);
    if (popped === null) continue;
    const message = Number(popped[1]);
    const job = Promise.resolve(
      runCoroutineThreadsafe(jobs.note(plan.ledger, message, String(message), plan.workMs), loop),
    );
    working.add(job);
    void job.then(() => working.delete(job));
  }
}

const ended = master();

onTerminate(async () => {
  ending.abort();
  await ended;
  await Promise.all(working);
  redis.disconnect();
  await loop.close();
});
