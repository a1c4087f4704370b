// S2: calling a job runs nothing. It gives a coroutine, a description of the call, which a loop can run.
import { jobModule, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

const time = stopwatch();
const coroutine = jobs.sayWaiting(2);
console.log(coroutine);
console.log('TIME: ', time());

await using loop = new WorkerLoop();
try {
  // @ts-expect-error: nor does it compile. A promise is work that has begun already, in this thread.
  void loop.run(Promise.resolve(2));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.log(String(error));
}
try {
  // @ts-expect-error: the job itself is no call of it.
  void loop.run(jobs.sayWaiting);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.log(String(error));
}
await loop.run(coroutine);
