import { CancelledError, getRunningLoop, InvalidArgumentError, jobModule, WorkerLoop } from 'offloop';
import { piscinaExecutor } from 'offloop/piscina';
import { Piscina } from 'piscina';
import { expect, expectTypeOf, test } from 'vitest';

import type * as module from '../jobs/executors.js';
import {
  basic,
  failureOf,
  openGate,
  place,
  reported,
  shared,
  sharedWords,
  thrownBy,
  until,
} from '../threads/support.js';

const executors = jobModule<typeof module>(new URL('../jobs/executors.js', import.meta.url));

test('from the main thread a job runs on the executor that is given, and not on the loop', async () => {
  await using loop = new WorkerLoop();
  await using other = new WorkerLoop();
  const pool = new Piscina({ minThreads: 1, maxThreads: 1 });
  const onOther = loop.runInExecutor(other, place.where());
  expectTypeOf((await onOther).threadId).toEqualTypeOf<number>();
  expect((await onOther).threadId).toBe(other.threadId);
  const inPool = await getRunningLoop().runInExecutor(piscinaExecutor(pool), place.where());
  expectTypeOf(inPool.threadId).toEqualTypeOf<number>();
  expect(inPool.threadId).toBe(pool.threads[0]?.threadId);
  await pool.destroy();
});

test('null is the default executor, which is none of the loops that were made', async () => {
  await using loop = new WorkerLoop();
  const { threadId } = await loop.runInExecutor(null, place.where());
  expect(threadId).not.toBe(loop.threadId);
  expect((await place.where()).threadId).toBe(threadId);
});

test('a blocking job of an async loop, given to the default executor, does not block that loop', async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  const blocking = loop.run(executors.blockElsewhere(words));
  await reported(words);
  expect(await loop.run(basic.add(1, 2))).toBe(3);
  expect(blocking.done).toBe(false);
  openGate(words);
  expect(await blocking).toBe('released');
});

test('cancelling the job that awaits cancels what it has given away', async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  const resting = loop.run(executors.restElsewhere(words));
  await reported(words);
  resting.cancel();
  expect(await failureOf(resting)).toBeInstanceOf(CancelledError);
  await until(() => Atomics.load(words, 0) === 1001, 'the finally block in the executor');
});

test('each loop has a default executor of its own, also a Piscina', async () => {
  await using loop = new WorkerLoop();
  await using other = new WorkerLoop();
  const [here, there] = await loop.run(executors.threads(false));
  const [otherHere, otherThere] = await other.run(executors.threads(false));
  expect([here, otherHere]).toEqual([loop.threadId, other.threadId]);
  expect(new Set([here, there, otherHere, otherThere]).size).toBe(4);
  const [, inPool] = await loop.run(executors.threads(true));
  expect([here, there]).not.toContain(inPool);
});

test('what is no executor or no coroutine throws', async () => {
  await using loop = new WorkerLoop();
  // @ts-expect-error -- no executor
  expect(thrownBy(() => loop.runInExecutor({}, basic.add(1, 2)))).toBeInstanceOf(InvalidArgumentError);
  // @ts-expect-error -- no coroutine
  expect(thrownBy(() => loop.runInExecutor(null, 5)).message).toContain('takes a coroutine');
  const promise = Promise.resolve(1);
  expect(thrownBy(() => getRunningLoop().runInExecutor(null, promise)).message).toContain('takes a coroutine');
  // @ts-expect-error -- a reference, not a call
  expect(() => loop.runInExecutor(loop, shared.count)).toThrow(/call it with the arguments/);
});
