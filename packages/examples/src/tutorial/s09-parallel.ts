// S9: concurrency is one teacher who turns from pupil to pupil, parallelism is several teachers. Jobs that block never
// turn to another: on one loop they run one after the other, on two loops at once.
import { gather, jobModule, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/thread.ts')>(new URL('./jobs/thread.js', import.meta.url));

await using one = new WorkerLoop();
await using other = new WorkerLoop();
await gather([one.run(jobs.ready()), other.run(jobs.ready())]);

const onOne = stopwatch();
await gather([one.run(jobs.block(2)), one.run(jobs.block(2))]);
console.log('One loop, TIME: ', onOne());

const onTwo = stopwatch();
await gather([one.run(jobs.block(2)), other.run(jobs.block(2))]);
console.log('Two loops, TIME: ', onTwo());
