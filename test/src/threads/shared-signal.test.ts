import { getEventListeners } from 'node:events';

import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

const jobs = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));

test('a job runs in another thread and its result comes back as a future', async () => {
  await using loop = new WorkerLoop();
  const future = loop.run(jobs.add(2, 3));
  expect(await future).toBe(5);
  expect(future.state).toBe('done');
});

test('a hundred calls may share one AbortSignal without a warning, and leave no listener behind', async () => {
  await using loop = new WorkerLoop();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const controller = new AbortController();
  const calls = Array.from({ length: 100 }, (_, i) => loop.run(jobs.add(i, 1), { signal: controller.signal }));
  const unfinished = loop.run(jobs.sleepFor(60_000), { signal: controller.signal });
  expect(getEventListeners(controller.signal, 'abort').length).toBe(1);
  expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i + 1));
  controller.abort(new Error('enough'));
  await expect(unfinished).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'enough' } });
  expect(getEventListeners(controller.signal, 'abort').length).toBe(0);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
