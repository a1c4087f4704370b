// S21: the same loop takes coroutines, and runs them at once. Each gives a future in this thread.
import { gather, jobModule, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/thread.ts')>(new URL('./jobs/thread.js', import.meta.url));

const loop = new WorkerLoop();
await loop.run(jobs.ready());

const time = stopwatch();
await gather([runCoroutineThreadsafe(jobs.doSomeWork(6), loop), runCoroutineThreadsafe(jobs.doSomeWork(4), loop)]);
const seconds = time();
await loop.close();
console.log('TIME: ', seconds);
