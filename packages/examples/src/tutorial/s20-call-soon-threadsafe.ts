// S20: the loop of another thread takes jobs that block. They run one after the other, there; this thread goes on at once.
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { jobModule, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/thread.ts')>(new URL('./jobs/thread.js', import.meta.url));

const time = stopwatch();
const loop = new WorkerLoop();
loop.callSoonThreadsafe(jobs.moreWork, 6);
loop.callSoonThreadsafe(jobs.moreWork, 3);
console.log('TIME: ', time());

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
loop.stop(); // once everything that it has accepted is done
await loop.closed;
delay.disable();
console.log('Slowest turn of main: ', Math.round(delay.max / 1e6) / 1000);
console.log('TIME: ', time());
