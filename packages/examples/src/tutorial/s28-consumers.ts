// S28: two consumers in one loop. While one works on its message, the other takes the next: neither blocks the loop, also
// where they wait for a Redis list (REDIS_URL=redis://127.0.0.1:6379).
import { allTasks, CancelledError, consume, gather, Queue, run, shield, sleep } from 'offloop';

import { second, stopwatch } from './support/clock.ts';
import { pressCtrlC } from './support/ctrl-c.ts';
import { openQueue } from './support/queue.ts';

await using queue = await openQueue();

async function work(x: number): Promise<void> {
  const time = stopwatch();
  console.log('Wait ', x);
  await sleep(x * second);
  console.log('Done ', x, time());
}

async function main(): Promise<void> {
  const done = new Queue<number>();
  const consumer = consume(queue.source, work, { consumers: 2, name: 'worker' });
  consumer.on('done', ({ data }) => done.putNowait(data));
  for (const { name } of allTasks()) if (/^worker-\d$/.test(name)) console.log('Start worker');
  await queue.push(2, 3, 2);
  for (let i = 0; i < 3; i++) await done.get();
  console.log('TIME: ', time());
  // Both wait for messages now. With nobody at the keyboard, the program presses Ctrl-C itself.
  pressCtrlC();
  try {
    await shield(consumer.closed);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    console.log(gather([...allTasks()]).cancel());
    await consumer.closed;
  }
}

const time = stopwatch();
await run(main, { signals: ['SIGINT'] });
