// S24: a daemon loop does not keep the process alive. What nobody awaits dies with the main thread: it prints nothing
// more, and its `finally` does not run. To have it finished, await its future, or close the loop.
import { jobModule, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/thread.ts')>(new URL('./jobs/thread.js', import.meta.url));

const loop = new WorkerLoop({ daemon: true });
await loop.run(jobs.ready());

const time = stopwatch();
void loop.run(jobs.workWithFinally(6));
await loop.run(jobs.doSomeWork(1));
process.once('exit', () => {
  console.log('Main ends');
  console.log('TIME: ', time());
});
