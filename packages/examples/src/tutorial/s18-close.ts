// S18: in asyncio a loop must be stopped and run once more before it is closed, or tasks are destroyed while they are
// pending. Here close() cancels them and waits until each has cleaned up; what resists is named in its error.
import { CancelledError, CloseTimeoutError, jobModule, run, wait, WorkerLoop } from 'offloop';

import { second, stopwatch } from './support/clock.ts';
import { pressCtrlC } from './support/ctrl-c.ts';

const jobs = jobModule<typeof import('./jobs/closing.ts')>(new URL('./jobs/closing.js', import.meta.url));

async function main(): Promise<void> {
  const loop = new WorkerLoop();
  const futures = [10, 20, 20].map((x, i) => loop.run(jobs.carefulWork(x), { name: `work-${i + 1}` }));
  await loop.run(jobs.ready()); // the three before it have begun
  console.log(await loop.tasks());
  // With nobody at the keyboard, the program presses Ctrl-C itself, now that all three wait.
  pressCtrlC();
  try {
    await wait(futures);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    await loop.close({ mode: 'cancel' });
    console.log(futures.map((future) => future.state));
  }
}

/** A job that ignores its cancel: the time given is over, and the thread is ended with it. */
async function resisted(): Promise<void> {
  const loop = new WorkerLoop();
  const stubborn = loop.run(jobs.stubbornWork());
  await loop.run(jobs.ready());
  const [outcome] = await Promise.allSettled([loop.close({ mode: 'cancel', graceMs: second }), wait([stubborn])]);
  if (outcome.status === 'fulfilled' || !(outcome.reason instanceof CloseTimeoutError))
    throw new Error('close() was expected to be resisted');
  console.log('Unsettled: ', outcome.reason.unsettled, stubborn.state);
}

const time = stopwatch();
await run(main, { signals: ['SIGINT'] });
console.log('TIME: ', time());
await resisted();
