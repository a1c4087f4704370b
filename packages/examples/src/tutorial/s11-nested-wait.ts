// S11: a coroutine that starts others and waits for them: nested coroutines. wait() gives two sets; they have no order.
import { jobModule, run, wait, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

async function main(): Promise<void> {
  const loop = new WorkerLoop(); // closed by run() when main is over
  await loop.run(jobs.ready());

  const time = stopwatch();
  const { done, pending } = await wait([1, 2, 4].map((x) => loop.run(jobs.doSomeWork(x))));
  for (const task of done) console.log('Task ret: ', task.result());
  console.log('Pending: ', pending.size);
  console.log('TIME: ', time());
}

await run(main);
