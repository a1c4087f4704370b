import { consume, LeaseLostError, LoopPool, memoryQueue, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { ManualSource, messages } from './consume-support.ts';
import { failureOf, openGate, reported, runProgram, sharedWords, until } from './support.ts';

describe('a consumer that stops', () => {
  test('pauses and resumes: what is under way goes on, nothing more is taken', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    await using consumer = consume(queue, (n) => messages.workAtGate(n, words), { on: loop, concurrency: 2 });
    await queue.put(1);
    await reported(words);
    await consumer.pause();
    expect(consumer.state).toBe('paused');
    await queue.put(2);
    openGate(words);
    await until(() => consumer.stats().done === 1, 'the first message');
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
    expect(consumer.health().isHealthy).toBe(true);
    consumer.resume();
    await queue.join();
    expect(consumer.stats()).toMatchObject({ state: 'running', done: 2 });
  });

  test('drains: takes nothing more, lets jobs end, leaves the rest to others', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    for (const n of [1, 2, 3]) await queue.put(n);
    const consumer = consume(queue, (n) => messages.workAtGate(n, words), { on: loop, concurrency: 2 });
    await reported(words, 2);
    const drained = consumer.drain(10_000);
    expect(consumer.state).toBe('closing');
    openGate(words);
    await drained;
    await consumer.closed;
    expect(consumer.stats()).toMatchObject({ state: 'closed', done: 2 });
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
  });

  test('when the grace is over jobs are cancelled, their cleanup runs, and their messages are given back uncounted', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    await queue.put(1);
    const errors: unknown[] = [];
    const consumer = consume(queue, () => messages.cleanUp(words, 20), { on: loop, onError: (e) => errors.push(e) });
    await reported(words);
    await consumer.drain(20);
    expect(Atomics.load(words, 2)).toBe(1);
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0, dead: 0 });
    expect(consumer.stats()).toMatchObject({ done: 0, failed: 0 });
    const attempts: number[] = [];
    await using next = consume(queue, (_n, { attempt }) => void attempts.push(attempt));
    await queue.join();
    expect(next.stats().done).toBe(1);
    expect(attempts).toEqual([1]);
    expect(errors).toEqual([]);
  });

  test('a job that takes its cancel for a reason to end well is acknowledged', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    await queue.put(1);
    const consumer = consume(queue, () => messages.endWell(words), { on: loop });
    await reported(words);
    await consumer.close({ mode: 'cancel' });
    expect(queue.size).toBe(0);
    expect(consumer.stats().done).toBe(1);
  });

  test('a job that resists is told with its message, which is given back', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    await queue.put(1);
    const consumer = consume(queue, () => messages.resist(words), { on: loop });
    await reported(words);
    const error = await failureOf(consumer.close({ mode: 'cancel', graceMs: 20 }));
    expect(error.code).toBe('OFFLOOP_CLOSE_TIMEOUT');
    expect(error.message).toMatch(
      /jobs resisted: their messages were given back, and the jobs may go on; messages .+-1/,
    );
    await consumer.closed;
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
    openGate(words);
  });

  test('terminate gives everything back now', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    await queue.put(1);
    const consumer = consume(queue, () => messages.resist(words), { on: loop });
    await reported(words);
    await consumer.close({ mode: 'terminate' });
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
    openGate(words);
  });

  test('an aborted signal drains it, also one that has aborted before', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    const controller = new AbortController();
    for (const n of [1, 2]) await queue.put(n);
    const job = (n: number) => messages.workAtGate(n, words);
    const consumer = consume(queue, job, { on: loop, signal: controller.signal });
    await reported(words);
    controller.abort();
    openGate(words);
    await consumer.closed;
    expect(consumer.stats().done).toBe(1);
    const late = consume(queue, job, { on: loop, signal: controller.signal });
    await late.closed;
    expect(late.stats().done).toBe(0);
    expect(queue.stats().waiting).toBe(1);
  });
});

describe('a consumer that cannot go on', () => {
  test('because a job has ended its loop: closed tells it, that message has had an attempt, the others have not', async () => {
    const loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<string>({ backoff: 0 });
    for (const order of ['exit', 'a']) await queue.put(order);
    const told: unknown[] = [];
    const consumer = consume(queue, messages.obey, { on: loop, onError: (_error, { origin }) => told.push(origin) });
    const error = await failureOf(consumer.closed);
    expect(error.code).toBe('OFFLOOP_LOOP_CRASHED');
    expect(consumer.state).toBe('closed');
    const attempts: unknown[] = [];
    await using next = consume(queue, (order, { attempt }) => void attempts.push([order, attempt]));
    await queue.join();
    expect(next.stats().done).toBe(2);
    expect(attempts).toEqual([
      ['a', 1],
      ['exit', 2],
    ]);
    await until(() => told.length === 2, 'what is told');
    expect(told).toEqual(['job', 'consumer']);
  });

  test('because its pool was closed: messages are given back uncounted', async () => {
    const pool = new LoopPool({ size: 1, daemon: true });
    const queue = memoryQueue<number>();
    const consumer = consume(queue, messages.double, { on: pool, onError: () => {} });
    await pool.close();
    await queue.put(1);
    const error = await failureOf(consumer.closed);
    expect(error.code).toBe('OFFLOOP_LOOP_CLOSED');
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
  });

  test('because its job gives no coroutine', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    await queue.put(1);
    const consumer = consume(queue, (n) => Promise.resolve(n), { on: loop, onError: () => {} });
    const error = await failureOf(consumer.closed);
    expect(error.message).toMatch(/must be a job reference, or give a coroutine, .* it gave Promise/);
    expect(queue.stats().waiting).toBe(1);
  });

  // Every message would fail, and the whole queue soon lie with the dead letters.
  test('because there is no such job, and every message stays where it was', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    for (const n of [1, 2, 3]) await queue.put(n);
    const misspelt = (messages as unknown as Record<string, typeof messages.double>)[
      'duoble'
    ] as typeof messages.double;
    const consumer = consume(queue, misspelt, { on: loop, concurrency: 2, attempts: 1, onError: () => {} });
    const error = await failureOf(consumer.closed);
    expect(error.code).toBe('OFFLOOP_UNKNOWN_JOB');
    expect(queue.stats()).toMatchObject({ waiting: 3, held: 0, dead: 0 });
  });

  test('because its source failed for good', async () => {
    const source = new ManualSource<number>();
    const told: unknown[] = [];
    const consumer = consume(source, messages.double, { onError: (_error, { origin }) => told.push(origin) });
    source.fail(new Error('no such queue'));
    expect((await failureOf(consumer.closed)).message).toBe('no such queue');
    await consumer.close();
    expect(source.calls).toEqual(['pause', 'close']);
    await until(() => told.length === 1, 'what is told');
    expect(told).toEqual(['consumer']);
  });
});

test('a lost lease cancels the job in its thread; what it does then is not taken', async () => {
  await using loop = new WorkerLoop({ daemon: true });
  const source = new ManualSource<number>();
  const words = sharedWords();
  const told: unknown[] = [];
  const consumer = consume(source, () => messages.cleanUp(words, 1), {
    on: loop,
    onError: (error, { origin, id }) => told.push([origin, id, (error as Error).message]),
  });
  const { outcome, lose } = source.deliver(1);
  await reported(words);
  lose(new LeaseLostError('taken by another'));
  await outcome;
  expect(Atomics.load(words, 2)).toBe(1);
  expect(consumer.stats()).toMatchObject({ lost: 1, done: 0, failed: 0, active: 0 });
  expect(told).toEqual([['lease', 'm1', 'taken by another']]);
  await consumer.close();
});

describe('a process that consumes', () => {
  test('is held until the consumer is closed, and no longer', async () => {
    const { code, stdout, stderr } = await runProgram('consumer', { args: ['close'] });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'waiting\nclosed\n', stderr: '' });
  });

  test('Ctrl-C ends the intake and lets jobs end: the first is done, the others were never taken', async () => {
    const { code, stdout } = await runProgram('consumer', { args: ['signal'], signals: { ready: 'SIGINT' } });
    expect(stdout).toBe('ready\nstopping\ndone 1, waiting 2\n');
    expect(code).toBe(130);
  });

  test('is warned of a message that was given up where nobody listens', async () => {
    const { code, stderr } = await runProgram('consumer', { args: ['unheard'] });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /OffloopWarning: consumer 'orders' gave up message [\w-]+ after 1 attempts: RangeError: it failed/,
    );
  });
});
