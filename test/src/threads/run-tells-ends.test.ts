import { jobModule, run, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

const basic = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));
const jobs = jobModule<typeof import('../jobs/review.js')>(new URL('../jobs/review.js', import.meta.url));

test('a loop that run() closes and whose teardown fails is told as a warning; what main returned counts', async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve));
  const result = await run(async () => new WorkerLoop({ teardown: jobs.throwOwnTimeout() }).run(basic.add(1, 2)), {
    signals: [],
  });
  expect(result).toBe(3);
  expect(await warned).toMatchObject({ message: 'my own' });
});
