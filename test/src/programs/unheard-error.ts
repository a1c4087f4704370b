// Nobody listens for the loop's errors, and a job leaves an unhandled rejection behind.
import { WorkerLoop } from 'offloop';

import { faulty } from './lib.ts';

const loop = new WorkerLoop();
await loop.run(faulty.rejectAfterwards('unheard'));
console.log('begun');
