// S23: what the tutorial found no way to do: Ctrl-C ends the program and its second thread, and loses nothing. The first
// signal stops the intake, the consumer lets the loop finish what it has, and run() closes it. A second one would end it at
// once. What was not taken stays in the queue: with REDIS_URL it is there for the next program.
import { consume, jobModule, run, WorkerLoop } from 'offloop';

import { pressCtrlC } from './support/ctrl-c.ts';
import { openQueue } from './support/queue.ts';

const jobs = jobModule<typeof import('./jobs/messages.ts')>(new URL('./jobs/messages.js', import.meta.url));

await using queue = await openQueue();

async function main(signal: AbortSignal): Promise<void> {
  const consumer = consume(queue.source, jobs.doSomeWork, {
    on: new WorkerLoop(),
    concurrency: 100,
    signal,
    graceMs: 10_000,
  });
  // With nobody at the keyboard, the program presses Ctrl-C itself, when the first message is done and the other is not.
  consumer.on('done', ({ data }) => {
    if (data === 1) pressCtrlC();
  });
  signal.addEventListener('abort', () => {
    console.log('No more messages are taken');
    void queue.push(3);
  });
  await queue.push(1, 5);
  await consumer.closed;
  console.log('Left in the queue: ', await queue.waiting());
}

await run(main, { signals: ['SIGINT', 'SIGTERM'], onSignal: 'drain', graceMs: 12_000 });
console.log('The loop is closed');
