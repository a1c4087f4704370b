// S15: take the results as they come, the first that is done first.
import { asCompleted, jobModule, run, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

async function main(): Promise<void> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready());

  const time = stopwatch();
  const tasks = [4, 2, 1].map((x) => loop.run(jobs.doSomeWork(x)));
  for await (const { future } of asCompleted(tasks)) console.log('Task ret: ', future.result());
  console.log('TIME: ', time());
}

await run(main);
