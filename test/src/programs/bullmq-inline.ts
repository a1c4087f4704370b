// A BullMQ Worker as it comes, whose processor blocks the only thread for longer than a lock lasts; says what begins and what ends.
import { Worker } from 'bullmq';

import { say } from './lib.js';

const [url = '', name = '', blockMs = '', lockMs = ''] = process.argv.slice(2);

async function processor(): Promise<void> {
  say('began');
  const end = performance.now() + Number(blockMs);
  while (performance.now() < end);
}

const worker = new Worker(name, processor, {
  connection: { url },
  concurrency: 3,
  lockDuration: Number(lockMs),
  stalledInterval: Number(lockMs) / 2,
});
worker.on('completed', () => say('completed'));
worker.on('failed', () => say('failed'));
worker.on('error', () => {});
