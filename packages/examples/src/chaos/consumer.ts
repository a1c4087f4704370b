// One of the consumers of `npm run chaos`: a process that is told its Plan, works until SIGTERM, and is made to be killed.
import { consume, jobModule, LoopPool, WorkerLoop, type Source } from 'offloop';

import { listPrefix, queueName, type Plan } from './plan.ts';
import { onTerminate, say } from './say.ts';

interface Opened {
  readonly source: Source<number>;
  readonly close?: () => Promise<void>;
}

const jobs = jobModule<typeof import('./jobs.ts')>(new URL('./jobs.js', import.meta.url));
const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const { leaseMs } = plan;

/** Only what is used is loaded: the process is to be at work soon. */
async function open(): Promise<Opened> {
  if (plan.source === 'bullmq') {
    const { bullmqSource } = await import('offloop/bullmq');
    const worker = { lockDuration: leaseMs, stalledInterval: leaseMs / 2, drainDelay: 0.5 };
    // BullMQ waits for a second before it connects again.
    const connection = { url: plan.at, retryStrategy: () => 20 };
    return { source: bullmqSource<number>(queueName, { connection, worker }) };
  }
  if (plan.source === 'list') {
    const { redisList } = await import('offloop/redis');
    const list = redisList<number>({ key: queueName, url: plan.at, prefix: listPrefix, leaseMs });
    return { source: list, close: () => list.close() };
  }
  const { sqliteQueue } = await import('offloop/sqlite');
  const queue = sqliteQueue<number>(plan.at, { name: queueName, leaseMs });
  return { source: queue, close: () => queue.close() };
}

const { source, close } = await open();
const place = plan.on === 'loop' ? new WorkerLoop() : new LoopPool({ size: 1 });
const consumer = consume(source, (message, { id }) => jobs.note(plan.ledger, message, id, plan.workMs), {
  on: place,
  concurrency: plan.concurrency,
  attempts: plan.attempts,
  backoff: 10,
  onError: (error, { origin }) => say(`${origin}: ${String(error)}`),
  onGiveUp: ({ data, reason, attempt }) => say(`gave up ${data}: ${reason} ${attempt}`),
});

onTerminate(async () => {
  await consumer.drain();
  await consumer.close();
  await place.close();
  await close?.();
});
