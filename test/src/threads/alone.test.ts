// Jobs of a thread whose modules do not import offloop: those that return a plain value are given no task.
import { jobModule, WorkerLoop } from 'offloop';
import { expect, test } from 'vitest';

import { failureOf, openGate, reported, sharedWords } from './support.ts';

const alone = jobModule<typeof import('../jobs/alone.js')>(new URL('../jobs/alone.js', import.meta.url));

test('a cancel that was accepted while a job blocked counts, although the job returned a plain value', async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  const blocking = loop.run(alone.blockAtGate(words));
  const next = loop.run(alone.count(words));
  await reported(words);
  expect(blocking.cancel('enough')).toBe(true);
  openGate(words);
  expect(await failureOf(blocking)).toMatchObject({ name: 'AbortError', cause: 'enough' });
  expect(blocking.state).toBe('cancelled');
  expect(await next).toBe(1);
});

test('a time-out counts from the begin, also of a job without a task', async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  const blocking = loop.run(alone.blockAtGate(words), { timeout: 20 });
  expect(await failureOf(blocking)).toMatchObject({ code: 'OFFLOOP_TIMEOUT' });
  openGate(words);
  expect(await loop.run(alone.count(words))).toBe(1);
});

test('whatever else a job does becomes a task: it throws, awaits, yields, or returns what cannot be sent', async () => {
  await using loop = new WorkerLoop();
  const error = await failureOf(loop.run(alone.fail('no')));
  expect(error).toMatchObject({ name: 'RangeError', message: 'no' });
  expect(error.stack).toContain('at fail');
  expect(error.stack).not.toContain('packages/core');
  expect(await loop.run(alone.waitThen('later'))).toBe('later');
  const items: number[] = [];
  for await (const item of loop.run(alone.upTo(3))) items.push(item);
  expect(items).toEqual([1, 2, 3]);
  expect(await failureOf(loop.run(alone.uncloneable()))).toMatchObject({ code: 'OFFLOOP_NOT_CLONEABLE' });
});
