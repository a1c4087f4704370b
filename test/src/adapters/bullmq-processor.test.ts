import { Queue, QueueEvents, Worker, type Job, type WorkerOptions } from 'bullmq';
import { InvalidArgumentError, jobModule, LoopPool, WorkerLoop, type Coroutine } from 'offloop';
import { bullmqProcessor, type BullmqProcessor, type BullmqProcessorOptions } from 'offloop/bullmq';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';

import { timed } from '../timed.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { basic, openGate, reported, shared, sharedWords, thrownBy, until } from '../threads/support.js';

const bull = jobModule<typeof import('../jobs/bull.js')>(new URL('../jobs/bull.js', import.meta.url));

describe.runIf(hasRedis)('bullmqProcessor, for a Worker of the user', () => {
  let redis: RedisServer;
  let names = 0;

  beforeAll(async () => {
    redis = await RedisServer.open();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  /** A queue, its events, and a Worker with the processor. */
  async function open<T, R>(processor: BullmqProcessor<T, R>, options: Partial<WorkerOptions> = {}) {
    const [name, connection] = [`q${++names}`, { url: redis.url }];
    const queue = new Queue(name, { connection });
    const events = new QueueEvents(name, { connection });
    await events.waitUntilReady();
    const worker = new Worker<T, R>(name, processor, { connection, concurrency: processor.concurrency, ...options });
    const errors: string[] = [];
    worker.on('error', ({ message }) => errors.push(message));
    return {
      queue,
      events,
      worker,
      errors,
      add: (data: T, jobOptions = {}): Promise<Job> => queue.add('test', data, jobOptions),
      /** How a job ends. */
      ended: async (job: Job): Promise<Job> => {
        await job.waitUntilFinished(events).catch(() => {});
        return (await queue.getJob(job.id as string)) as Job;
      },
      async [Symbol.asyncDispose]() {
        await worker.close(true);
        await Promise.all([queue.close(), events.close()]);
      },
    };
  }

  test('runs the jobs on a pool, as many at a time as it has loops, and stores their results', async () => {
    await using pool = new LoopPool({ size: 2 });
    const processor = bullmqProcessor(basic.fib, { on: pool });
    expectTypeOf(processor).toEqualTypeOf<BullmqProcessor<number, number>>();
    await using rig = await open(processor);
    expect(rig.worker.concurrency).toBe(2);
    const jobs = await Promise.all([10, 11, 12].map((n) => rig.add(n)));
    expect((await Promise.all(jobs.map(rig.ended))).map(({ returnvalue }) => returnvalue)).toEqual([55, 89, 144]);
  });

  // With an inline processor, three jobs that block for longer than the lock were started ten times, and none completed.
  test('blocking jobs longer than the lock: no stall, each started once', timed, async () => {
    await using pool = new LoopPool({ size: 3 });
    const words = sharedWords();
    const processor = bullmqProcessor((_: number) => shared.blockAtGate(words), { on: pool });
    await using rig = await open(processor, { lockDuration: 900, stalledInterval: 450 });
    const stalled: string[] = [];
    const renewed: string[] = [];
    rig.worker.on('stalled', (id) => stalled.push(id));
    rig.worker.on('locksRenewed', ({ jobIds }) => renewed.push(...jobIds));
    const jobs = await Promise.all([1, 2, 3].map((n) => rig.add(n)));
    await reported(words, 3);
    // Long enough for each lock to have run out three times.
    await until(() => renewed.length >= 3 * 6, 'the locks are renewed while the threads are blocked');
    openGate(words);
    expect((await Promise.all(jobs.map(rig.ended))).map((job) => [job.returnvalue, job.attemptsStarted])).toEqual(
      Array.from({ length: 3 }, () => ['released', 1]),
    );
    expect([stalled, rig.errors, Atomics.load(words, 0)]).toEqual([[], [], 3]);
  });

  test("BullMQ's cancel reaches the job on its loop, which runs its finally; the attempt has failed", async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    await using rig = await open(bullmqProcessor((_: number) => shared.sleepWithFinally(words), { on: loop }));
    const job = await rig.add(1);
    await reported(words);
    expect(rig.worker.cancelJob(job.id as string, 'no longer wanted')).toBe(true);
    const { failedReason, attemptsMade } = await rig.ended(job);
    expect([failedReason, attemptsMade]).toEqual(['job sleepWithFinally was cancelled: no longer wanted', 1]);
    await reported(words, 1001);
  });

  test('a job that throws has its attempts; Drop, and an UnrecoverableError of a thread, has no further one', async () => {
    await using pool = new LoopPool({ size: 1 });
    const processor = bullmqProcessor(bull.failAs, { on: pool });
    await using rig = await open(processor);
    const add = (name: string): Promise<Job> => rig.add(name, { attempts: 3, backoff: { type: 'fixed', delay: 1 } });
    const jobs = await Promise.all(['RangeError', 'UnrecoverableError', 'Drop'].map(add));
    const ended = await Promise.all(jobs.map(rig.ended));
    expect(ended.map((job) => [job.failedReason, job.attemptsMade])).toEqual([
      ['failed as RangeError', 3],
      ['failed as UnrecoverableError', 1],
      ['failed as Drop', 1],
    ]);
    expect(ended[2]?.stacktrace?.[0]).toMatch(/failAs/);
  });

  test('what the items of a generator job are is its progress, and the last its result', async () => {
    await using loop = new WorkerLoop();
    const processor = bullmqProcessor(basic.countTo, { on: loop, progress: true });
    expectTypeOf(processor).toEqualTypeOf<BullmqProcessor<number, number>>();
    await using rig = await open(processor);
    const seen: unknown[] = [];
    rig.events.on('progress', ({ data }) => seen.push(data));
    const job = await rig.add(3);
    expect(await rig.ended(job)).toMatchObject({ returnvalue: 3, progress: 3 });
    await until(() => seen.length === 3, 'three events of progress');
    expect(seen).toEqual([1, 2, 3]);
  });

  test("a function may use BullMQ's job, and give the coroutine of another", async () => {
    await using loop = new WorkerLoop();
    const processor = bullmqProcessor((n: number, job: Job<number, number>) => basic.add(n, job.attemptsMade), {
      on: loop,
    });
    await using rig = await open(processor);
    expect((await rig.ended(await rig.add(4))).returnvalue).toBe(4);
  });

  test('work whose result cannot be stored as JSON is done all the same', async () => {
    await using loop = new WorkerLoop();
    await using rig = await open(bullmqProcessor((n: number) => basic.echo({ big: BigInt(n) }), { on: loop }));
    expect(await rig.ended(await rig.add(5))).toMatchObject({ returnvalue: '{ big: 5n }', attemptsMade: 1 });
  });

  test('a pool that is full or closed costs no attempt: the job waits in the queue', async () => {
    const pool = new LoopPool({ size: 1, concurrency: 1, maxQueue: 0 });
    const words = sharedWords();
    const processor = bullmqProcessor((_: number) => shared.waitAtGate(words), { on: pool });
    await using rig = await open(processor, { concurrency: 2 });
    const jobs = [await rig.add(1), await rig.add(2)];
    await until(() => rig.worker.isRunning() && Atomics.load(words, 0) === 1, 'one job has begun');
    const states = (): Promise<string[]> => Promise.all(jobs.map((job) => job.getState()));
    while (!(await states()).includes('delayed'));
    openGate(words);
    expect((await Promise.all(jobs.map(rig.ended))).map((job) => [job.returnvalue, job.attemptsMade])).toEqual([
      ['released', 1],
      ['released', 1],
    ]);
    await pool.close();
    const late = await rig.add(3);
    while ((await late.getState()) !== 'delayed');
    expect(await rig.queue.getJob(late.id as string)).toMatchObject({ attemptsMade: 0 });
  });

  test('a job that takes too long has failed, and its thread is free for the next', async () => {
    await using pool = new LoopPool({ size: 1 });
    const words = sharedWords();
    const job = (n: number): Coroutine<unknown> => (n === 1 ? shared.spin(words) : basic.echo(n));
    await using rig = await open(bullmqProcessor(job, { on: pool, timeout: 100 }));
    const jobs = [await rig.add(1), await rig.add(2)];
    const [first, second] = await Promise.all(jobs.map(rig.ended));
    expect(first?.failedReason).toMatch(/100 ms/);
    expect(second?.returnvalue).toBe(2);
  });

  test('what is no job, no executor, or a timeout that nobody heeds is refused at once', () => {
    const executor = { run: () => undefined as never };
    const wrong: [unknown, unknown][] = [
      ['fib', { on: executor }],
      [basic.fib, undefined],
      [basic.fib, { on: {} }],
      [basic.fib, { on: executor, timeoutMs: 5 }],
      [basic.fib, { on: executor, progress: 'yes' }],
      [basic.fib, { on: executor, timeout: 5 }],
    ];
    for (const [job, options] of wrong)
      expect(
        thrownBy(() =>
          bullmqProcessor(job as typeof basic.fib, options as BullmqProcessorOptions & { progress?: false }),
        ),
      ).toBeInstanceOf(InvalidArgumentError);
    expect(bullmqProcessor(basic.fib, { on: executor })).toHaveLength(3);
  });
});
