// S6: a callback gets the future itself as its last argument, whether that is a job's in a worker loop or a task's of this thread.
import { createTask, jobModule, WorkerLoop, type Future } from 'offloop';

import { doSomeWork } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';

const jobs = jobModule<typeof import('./jobs/one-loop.ts')>(new URL('./jobs/one-loop.js', import.meta.url));

function callback(future: Future<string>): void {
  console.log('Callback: ', future.result());
}

function callbackWith(t: number, future: Future<string>): void {
  console.log('Callback: ', t, future.result());
}

await using loop = new WorkerLoop();
await loop.run(jobs.ready());
const inWorker = stopwatch();
const future = loop.run(jobs.doSomeWork(2));
future.addDoneCallback(callback);
await future;
console.log('TIME: ', inWorker());

const here = stopwatch();
const task = createTask(() => doSomeWork(2));
// Python's functools.partial.
task.addDoneCallback(callbackWith.bind(undefined, 2));
await task;
console.log('TIME: ', here());
