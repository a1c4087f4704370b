// S13: main returns what it gathered, and run() hands it out.
import { gather, jobModule, run, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

const loop = new WorkerLoop();
await loop.run(jobs.ready());

async function main(): Promise<string[]> {
  return await gather([1, 2, 2].map((x) => loop.run(jobs.doSomeWork(x))));
}

const time = stopwatch();
const results = await run(main);
for (const result of results ?? []) console.log('Task ret: ', result);
console.log('TIME: ', time());
await loop.close();
