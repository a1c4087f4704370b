// Consumes a queue, and writes each effect to a ledger before it is acknowledged: until it is killed, or told to end.
import { appendFileSync } from 'node:fs';

import { consume, type Delivery } from 'offloop';
import { sqliteQueue } from 'offloop/sqlite';

import { say } from './lib.js';

const [file = '', ledger = '', consumers = '1', leaseMs = '1000', workMs = '1'] = process.argv.slice(2);

const queue = sqliteQueue<number>(file, { leaseMs: Number(leaseMs), attempts: 50, backoff: 10 });

async function work(data: number, { attempt, signal }: Delivery<number>): Promise<void> {
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Number(workMs) * (0.5 + Math.random()));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
  appendFileSync(ledger, `${data} ${attempt}\n`);
}

const consumer = consume(queue, work, {
  consumers: Number(consumers),
  onError: (error, context) => say(`error ${context.origin} ${String(error)}`),
  onGiveUp: (letter) => say(`gave up ${letter.id} ${letter.reason}`),
});
say('ready');

process.on('SIGTERM', () => {
  void consumer
    .close()
    .then(() => queue.close())
    .then(() => say(`closed ${consumer.stats().done}`));
});
