// S27: the master of S22 on a source that waits (Redis' brpop), with the jobs of S25.
import { jobModule, runCoroutineThreadsafe, WorkerLoop } from 'offloop';

import { stopwatch } from './support/clock.ts';
import { MemorySource } from './support/memory-source.ts';
import { startSmsService } from './support/sms-service.ts';
import type { Source } from './support/source.ts';

const jobs = jobModule<typeof import('./jobs/sms.ts')>(new URL('./jobs/sms.js', import.meta.url));

async function master(source: Source, service: string): Promise<number> {
  const loop = new WorkerLoop();
  await loop.run(jobs.ready(service));
  const time = stopwatch();
  for (let x = await source.next(); x !== undefined; x = await source.next()) {
    void runCoroutineThreadsafe(jobs.doSomeWork(service, service, x), loop);
  }
  await loop.close(); // which waits for what is running
  return time();
}

await using service = await startSmsService();
const source = new MemorySource();
source.push(5, 1, 1);
source.end();
console.log('TIME: ', await master(source, service.url));
