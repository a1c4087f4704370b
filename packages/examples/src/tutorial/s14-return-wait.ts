// S14: the same with wait(): main returns the sets.
import { jobModule, run, wait, WorkerLoop, type WaitResult } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

const loop = new WorkerLoop();
await loop.run(jobs.ready());

async function main(): Promise<WaitResult<string>> {
  return await wait([1, 2, 2].map((x) => loop.run(jobs.doSomeWork(x))));
}

const time = stopwatch();
const sets = await run(main);
for (const task of sets?.done ?? []) console.log('Task ret: ', task.result());
console.log('TIME: ', time());
await loop.close();
