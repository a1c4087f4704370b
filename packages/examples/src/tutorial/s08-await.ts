// S8: at an await a task gives up control, and the loop is free for others until the awaited is done.
import { createTask } from 'offloop';

import { doSomeWork } from './jobs/one-loop.ts';
import { stopwatch } from './support/clock.ts';

const time = stopwatch();
const task = createTask(() => doSomeWork(2));
console.log('Task ret: ', await task);
console.log('TIME: ', time());
