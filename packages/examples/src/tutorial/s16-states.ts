// S16: the states of a future. Other than asyncio, it knows whether the work has begun, and that a cancel is under way.
import { jobModule, wait, WorkerLoop } from 'offloop';

const jobs = jobModule<typeof import('./jobs/thread.ts')>(new URL('./jobs/thread.js', import.meta.url));
const failing = jobModule<typeof import('./jobs/failing.ts')>(new URL('./jobs/failing.js', import.meta.url));

await using loop = new WorkerLoop();
await loop.run(jobs.ready());

void loop.run(jobs.block(1)); // while it blocks the loop, nothing else begins
const work = loop.run(jobs.pause(1));
console.log('Just scheduled: ', work.state);
// Jobs begin in the order in which they were scheduled: when this one is done, the one before it has begun.
await loop.run(jobs.ready());
console.log('Has begun: ', work.state);
await work;
console.log('Has returned: ', work.state);

const failed = loop.run(failing.fail(1));
await wait([failed]);
console.log('Has thrown: ', failed.state, String(failed.exception()));

const stopped = loop.run(jobs.pause(1));
await loop.run(jobs.ready());
console.log('cancel(): ', stopped.cancel(), stopped.state);
await wait([stopped]);
console.log('Cleaned up and gone: ', stopped.state);

void loop.run(jobs.block(1));
const dropped = loop.run(jobs.pause(1));
console.log('cancel() before it began: ', dropped.cancel(), dropped.state);
