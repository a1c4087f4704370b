// S4: a task is a coroutine that a loop has taken on; it shows its state.
import { createTask } from 'offloop';

import { sayWaiting } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';

const time = stopwatch();
const task = createTask(function doSomeWork() {
  sayWaiting(2);
});
console.log(task);
await task;
console.log(task);
console.log('TIME: ', time());
