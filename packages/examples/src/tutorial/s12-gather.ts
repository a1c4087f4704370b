// S12: gather() gives the results themselves, in the order of its arguments.
import { gather, jobModule, run, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

async function main(): Promise<void> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready());

  const time = stopwatch();
  // The longest first: the order of the results is not that in which they come.
  const results = await gather([4, 2, 1].map((x) => loop.run(jobs.doSomeWork(x))));
  for (const result of results) console.log('Task ret: ', result);
  console.log('TIME: ', time());
}

await run(main);
