// S5: a task is a future, so whatever takes a future takes a task.
import { createTask, Future, Task } from 'offloop';

import { sayWaiting } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';

const time = stopwatch();
const task = createTask(() => sayWaiting(2));
console.log(task instanceof Task);
console.log(task instanceof Future);
await task;
console.log('TIME: ', time());
