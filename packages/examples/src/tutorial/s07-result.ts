// S7: once a future is done its result can be read at any time; before that, reading it is an error.
import { InvalidStateError, jobModule, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

await using loop = new WorkerLoop();
await loop.run(jobs.ready());

const time = stopwatch();
const future = loop.run(jobs.doSomeWork(2));
try {
  future.result();
} catch (error) {
  if (!(error instanceof InvalidStateError)) throw error;
  console.log(String(error));
}
await future;
console.log('Task ret: ', future.result());
console.log('TIME: ', time());
