import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

const jobs = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));

test('a job runs in another thread and its result comes back as a future', async () => {
  await using loop = new WorkerLoop();
  const future = loop.run(jobs.add(2, 3));
  expect(await future).toBe(5);
  expect(future.state).toBe('done');
});
