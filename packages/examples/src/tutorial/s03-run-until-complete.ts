// S3: run a coroutine to its end, in a loop of its own and in the loop of this thread.
import { jobModule, run, WorkerLoop } from 'offloop';

import { sayWaiting } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

const starting = stopwatch();
const loop = new WorkerLoop();
await loop.run(jobs.ready());
console.log('Thread started: ', starting());

const inWorker = stopwatch();
await loop.run(jobs.sayWaiting(2));
const seconds = inWorker();
// What a thread prints goes by another way than its results: it is all here once the loop is closed.
await loop.close();
console.log('TIME: ', seconds);

const here = stopwatch();
await run(() => sayWaiting(2));
console.log('TIME: ', here());
