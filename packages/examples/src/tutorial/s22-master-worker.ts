// S22: this thread takes messages from a queue and hands each to the loop of another thread at once. Where the tutorial
// polls, and sleeps for a second when there is nothing, the source waits until there is something.
import { jobModule, Queue, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';
import { MemorySource } from './support/memory-source.ts';
import type { Source } from './support/source.ts';

const jobs = jobModule<typeof import('./jobs/messages.ts')>(new URL('./jobs/messages.js', import.meta.url));

/** Runs until the source has ended and all is done; gives the seconds. `onDone` hears of each message that is worked through. */
async function master(source: Source, onDone: (x: number) => void): Promise<number> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready());
  const time = stopwatch();
  for (let x = await source.next(); x !== undefined; x = await source.next()) {
    const message = x;
    runCoroutineThreadsafe(jobs.doSomeWork(message), loop).addDoneCallback(() => onDone(message));
  }
  await loop.close(); // which waits for what is running
  return time();
}

async function pushedByHand(): Promise<number> {
  const source = new MemorySource();
  const done = new Queue<number>();
  const seconds = master(source, (x) => done.putNowait(x));
  source.push(2);
  await done.get();
  source.push(5, 1);
  await done.get();
  source.push(1);
  await done.get();
  source.end();
  return seconds;
}

async function pushedAtOnce(): Promise<number> {
  const source = new MemorySource();
  source.push(2, 5, 1, 1);
  source.end();
  return master(source, () => {});
}

console.log('TIME: ', await pushedByHand());
console.log('TIME: ', await pushedAtOnce());
