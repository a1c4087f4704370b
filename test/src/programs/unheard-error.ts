// Nobody listens for the loop's errors, and a job leaves an unhandled rejection behind.
import { jobModule, WorkerLoop } from 'offloop';

const faulty = jobModule<typeof import('../jobs/faulty.js')>(new URL('../jobs/faulty.js', import.meta.url));

const loop = new WorkerLoop();
await loop.run(faulty.rejectAfterwards('unheard'));
console.log('begun');
