// Defects that an independent review found, each as the test that names it.
import {
  CancelledError,
  createTask,
  jobModule,
  LoopCrashedError,
  move,
  sleep,
  TimeoutError,
  wait,
  WorkerLoop,
} from 'offloop';
import { expect, test } from 'vitest';

import { failureOf, openGate } from './support.ts';

const basic = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));
const jobs = jobModule<typeof import('../jobs/review.js')>(new URL('../jobs/review.js', import.meta.url));

function sharedCounter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Resolves in a later turn in which `isTrue` holds; the test's own time limit ends it otherwise. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

test('an error with a property nested too deeply to be read here rejects, and its batch arrives', async () => {
  await using loop = new WorkerLoop();
  const around = Array.from({ length: 30 }, (_, i) => loop.run(basic.add(i, 1)));
  const error = await failureOf(loop.run(jobs.throwDeep(4000)));
  expect(error.message).toBe('deep');
  expect(await Promise.all([...around, loop.run(basic.add(1, 1))])).toHaveLength(31);
});

test("a 'slow' listener that throws costs no job its result", async () => {
  await using loop = new WorkerLoop({ slowCallbackMs: 1 });
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  loop.on('slow', () => {
    throw new Error('listener');
  });
  const started = sharedCounter();
  const futures = [
    loop.run(jobs.block(started, 20)),
    ...Array.from({ length: 20 }, (_, i) => loop.run(jobs.instant(i))),
  ];
  expect(await Promise.all(futures)).toHaveLength(21);
  await until(() => thrown.length > 0);
  // Any other of the jobs may have been slow, too, and be told behind its result.
  loop.removeAllListeners('slow');
  process.removeAllListeners('uncaughtException');
  for (const each of listeners) process.on('uncaughtException', each);
});

test('a job that timed out while a neighbour has the thread does not cost the thread', async () => {
  await using loop = new WorkerLoop();
  const started = sharedCounter();
  const nap = failureOf(loop.run(jobs.nap(60_000), { timeout: 50 }));
  await loop.run(jobs.instant(0));
  const blocking = loop.run(jobs.block(started, 1600));
  expect(await nap).toBeInstanceOf(TimeoutError);
  expect(await blocking).toBe(1600);
  expect(loop.state).toBe('running');
});

test('what is finished is not held back by the next job of the same turn', async () => {
  await using loop = new WorkerLoop();
  // Warm, so that all four start in one turn.
  await Promise.all(Array.from({ length: 2000 }, (_, i) => loop.run(jobs.instant(i))));
  const words = new Int32Array(new SharedArrayBuffer(8));
  await loop.run(jobs.keepGate(words));
  // The loop has seen that this job blocks.
  await loop.run(jobs.waitAtKeptGate(5));
  const early = [loop.run(jobs.instant(1)), loop.run(jobs.instant(2)), loop.run(jobs.instant(3))];
  const blocking = loop.run(jobs.waitAtKeptGate(60_000));
  // It would wait for them, and they for it.
  expect(await Promise.all(early)).toEqual([1, 2, 3]);
  expect(blocking.done).toBe(false);
  openGate(words);
  expect(await blocking).not.toBe('timed-out');
});

test.each([true, false])('break lets the cleanup of a generator await to its end (it awaits %s)', async (foreign) => {
  await using loop = new WorkerLoop();
  const cleaned = sharedCounter();
  for await (const item of loop.run(jobs.cleansUp(cleaned, foreign))) if (item === 3) break;
  expect(Atomics.load(cleaned, 0)).toBe(1);
});

test('a cancelled stream that waits for room runs its cleanup to its end and is cancelled', async () => {
  await using loop = new WorkerLoop();
  const cleaned = sharedCounter();
  const stream = loop.run(jobs.cleansUp(cleaned, false));
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  expect(stream.cancel()).toBe(true);
  await until(() => stream.done);
  expect(Atomics.load(cleaned, 0)).toBe(1);
  expect(stream.cancelled).toBe(true);
});

test('cancelling a task that waits in for await cancels the job behind the stream', async () => {
  await using loop = new WorkerLoop();
  const stream = loop.run(jobs.ticks());
  let taken = 0;
  const task = createTask(async () => {
    for await (const _ of stream) taken++;
  });
  await until(() => taken > 2);
  expect(task.cancel()).toBe(true);
  expect(await failureOf(task)).toBeInstanceOf(CancelledError);
  await until(() => stream.done);
  expect(stream.cancelled).toBe(true);
});

test("a job's own TimeoutError is not taken for one of ours", async () => {
  await using loop = new WorkerLoop();
  const error = await failureOf(loop.run(jobs.throwOwnTimeout()));
  expect(error).not.toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ name: 'TimeoutError', message: 'my own' });
});

test('sixty errors that have each other as causes cost no time', async () => {
  await using loop = new WorkerLoop();
  const error = await failureOf(loop.run(jobs.throwTangled(), { timeout: 5000 }));
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors).toHaveLength(60);
});

test('move() inside another value is refused, and the error says where', async () => {
  await using loop = new WorkerLoop();
  const error = await failureOf(loop.run(basic.echo({ deep: { bytes: move(new Uint8Array(8)) } })));
  expect(error.message).toContain(
    'argument 1 of echo.deep.bytes cannot be sent to another thread: it is a move() inside another value',
  );
});

test('what setup is given may move', async () => {
  const bytes = new Uint8Array(8);
  await using loop = new WorkerLoop({ setup: basic.echo(move(bytes)) });
  expect(await loop.run(jobs.instant(1))).toBe(1);
  expect(bytes.byteLength).toBe(0);
});

test('a setup that never settles ends the loop at its time, and every call rejects', async () => {
  const loop = new WorkerLoop({ name: 'late', setup: jobs.neverReady(), startTimeoutMs: 200 });
  const error = await failureOf(loop.run(jobs.instant(1)));
  expect(error).toBeInstanceOf(LoopCrashedError);
  expect(error).toMatchObject({
    code: 'OFFLOOP_LOOP_START',
    message: expect.stringContaining("loop 'late' was not ready within 200 ms") as string,
  });
});

test('a teardown that fails after stop() is told by an error event', async () => {
  const loop = new WorkerLoop({ teardown: jobs.throwOwnTimeout() });
  const heard = new Promise((resolve) => loop.on('error', (error) => resolve(error)));
  loop.stop();
  expect(await heard).toMatchObject({ message: 'my own' });
});

test('an un-awaited future that close() terminates is no failure of the program', async () => {
  const loop = new WorkerLoop();
  const errors: unknown[] = [];
  loop.on('error', (error) => errors.push(error));
  const future = loop.run(jobs.nap(60_000));
  await until(() => future.state === 'running');
  await loop.close({ mode: 'terminate' });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(future.state).toBe('failed');
  expect(errors).toEqual([]);
});

test('process.exit() while draining is told to the jobs with its code', async () => {
  const faulty = jobModule<typeof import('../jobs/faulty.js')>(new URL('../jobs/faulty.js', import.meta.url));
  const loop = new WorkerLoop();
  const lost = loop.run(jobs.nap(60_000));
  const exiting = loop.run(faulty.exit(7));
  const closing = loop.close();
  expect(await failureOf(lost)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 7 });
  expect(await failureOf(exiting)).toMatchObject({ exitCode: 7 });
  expect(await failureOf(closing)).toMatchObject({ exitCode: 7 });
});

test('awaiting many futures in one task takes time in proportion', async () => {
  const task = createTask(() => Promise.all(Array.from({ length: 100_000 }, () => sleep(1))));
  expect(await task).toHaveLength(100_000);
});

test('a module that is named at each call is known once', async () => {
  await using loop = new WorkerLoop();
  for (let i = 0; i < 50; i++) {
    const again = jobModule<typeof import('../jobs/basic.js')>(new URL('../jobs/basic.js', import.meta.url));
    expect(again.add(1, i)).not.toBe(basic.add);
    expect(await loop.run(again.add(1, i))).toBe(1 + i);
  }
});

test('wait() holds the others no longer once it has returned', async () => {
  await using loop = new WorkerLoop({ daemon: true });
  const long = loop.run(jobs.nap(60_000));
  const { done, pending } = await wait([loop.run(jobs.instant(1)), long], { returnWhen: 'firstCompleted' });
  expect([done.size, pending.size]).toEqual([1, 1]);
  expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
  long.cancel();
});
