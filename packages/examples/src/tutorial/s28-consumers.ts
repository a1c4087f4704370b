// S28: two consumers in one loop. While one works on its message, the other takes the next.
import { allTasks, CancelledError, createTask, gather, Queue, run, sleep, wait } from 'offloop';

import { second, stopwatch } from './support/clock.ts';
import { pressCtrlC } from './support/ctrl-c.ts';
import { MemorySource } from './support/memory-source.ts';
import type { Source } from './support/source.ts';

async function worker(source: Source, done: Queue<number>, signal: AbortSignal): Promise<void> {
  console.log('Start worker');
  for (let x = await source.next(signal); x !== undefined; x = await source.next(signal)) {
    const time = stopwatch();
    console.log('Wait ', x);
    await sleep(x * second);
    console.log('Done ', x, time());
    await done.put(x);
  }
}

async function main(): Promise<void> {
  const source = new MemorySource();
  const done = new Queue<number>();
  const workers = [1, 2].map(() => createTask((signal) => worker(source, done, signal)));
  source.push(2, 3, 2);
  for (let i = 0; i < 3; i++) await done.get();
  console.log('TIME: ', time());
  // Both wait for messages now. With nobody at the keyboard, the program presses Ctrl-C itself.
  pressCtrlC();
  try {
    await wait(workers);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    console.log(gather([...allTasks()]).cancel());
    await wait(workers);
  }
}

const time = stopwatch();
await run(main, { signals: ['SIGINT'] });
