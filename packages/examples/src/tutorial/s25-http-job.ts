// S25: a job that calls a slow service, and raises an alarm when that fails.
import { jobModule, WorkerLoop } from 'offloop';

import { startSmsService } from './support/sms-service.ts';

const jobs = jobModule<typeof import('./jobs/sms.ts')>(new URL('./jobs/sms.js', import.meta.url));

await using service = await startSmsService();
const gone = await startSmsService();
await gone[Symbol.asyncDispose]();

await using loop = new WorkerLoop();
await loop.run(jobs.doSomeWork(service.url, service.url, 1));
await loop.run(jobs.doSomeWork(gone.url, service.url, 2));
await loop.run(jobs.doSomeWork(gone.url, gone.url, 3));
