// S10: three tasks on one loop take as long as the longest of them, not as long as their sum.
import { jobModule, wait, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

await using loop = new WorkerLoop();
await loop.run(jobs.ready());

const time = stopwatch();
const tasks = [1, 2, 4].map((x) => loop.run(jobs.doSomeWork(x)));
await wait(tasks);
for (const task of tasks) console.log('Task ret: ', task.result());
console.log('TIME: ', time());
