import { once } from 'node:events';

import { UnrecoverableError } from 'bullmq';
import { CancelledError, consume, Drop, LeaseLostError, PoisonMessageError, type Delivery } from 'offloop';
import { bullmqSource, type BullmqDelivery } from 'offloop/bullmq';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.js';
import { failureOf, until } from '../threads/support.js';
import { eventually, quick, Rig } from './bullmq-rig.js';

const never = new Promise<never>(() => {});

/** A handler that notes what it gets, and ends as it is told. */
function recorder(end: (delivery: Delivery<unknown>) => unknown = () => undefined) {
  const seen: Delivery<unknown>[] = [];
  const handler = async (delivery: Delivery<unknown>): Promise<unknown> => {
    seen.push(delivery);
    return end(delivery);
  };
  return { seen, handler, come: (n: number) => until(() => seen.length >= n, `${n} deliveries`) };
}

function fail(): never {
  throw new RangeError('not today');
}

describe.runIf(hasRedis)('bullmqSource', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.open();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test("a delivery has the id, the name and the data of BullMQ's job; what the handler gives is its result", async () => {
    await using rig = new Rig(redis);
    const { seen, handler } = recorder(() => ({ sent: true }));
    rig.consume(handler);
    const job = await rig.put({ to: '5' });
    await eventually(async () => (await job.getState()) === 'completed', 'it is done');
    expect(seen[0]).toMatchObject({ id: job.id, name: 'sms', data: { to: '5' }, attempt: 1 });
    expect((await rig.queue.getJob(job.id as string))?.returnvalue).toEqual({ sent: true });
  });

  test("a job of consume has BullMQ's job, for its progress", async () => {
    await using rig = new Rig(redis);
    const source = bullmqSource<string>(rig.name, { connection: { url: redis.url }, worker: quick });
    await using consumer = consume(source, async (data, { own }) => {
      expectTypeOf(own).toEqualTypeOf<BullmqDelivery<string>>();
      await own.job.updateProgress({ half: data });
    });
    const done = once(consumer, 'done');
    const job = await rig.put('of it');
    await done;
    expect((await rig.queue.getJob(job.id as string))?.progress).toEqual({ half: 'of it' });
  });

  test('never more deliveries than slots, and what is not lent stays in the queue for others', async () => {
    await using rig = new Rig(redis);
    const { seen, come, handler } = recorder(() => never);
    await Promise.all([1, 2, 3, 4, 5].map((n) => rig.put(n)));
    rig.consume(handler, { concurrency: 2 });
    await come(2);
    expect(await rig.counts()).toMatchObject({ active: 2, waiting: 3 });
    expect(seen).toHaveLength(2);
  });

  test("the job's attempts and backoff hold; what consume says comes first; with neither there are three", async () => {
    await using rig = new Rig(redis);
    const { seen, handler } = recorder(fail);
    const own = await rig.put('own', { attempts: 2, backoff: { type: 'fixed', delay: 5 } });
    const intake = rig.consume(handler);
    await until(() => rig.letters.length === 1, 'the first letter');
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(rig.letters[0]).toMatchObject({
      id: own.id,
      data: 'own',
      attempt: 2,
      reason: 'attempts',
      error: { name: 'RangeError' },
    });
    await intake.close();
    seen.length = 0;
    const waits: number[] = [];
    const backoff = (attempt: number): number => (waits.push(attempt), 0);
    const second = rig.consume(handler, { attempts: 4, backoff });
    await rig.put('told', { attempts: 2 });
    await until(() => rig.letters.length === 2, 'the second letter');
    expect([seen.map(({ attempt }) => attempt), waits]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3],
    ]);
    await second.close();
    seen.length = 0;
    rig.consume(handler, { backoff: () => 1 });
    await rig.put('default');
    await until(() => rig.letters.length === 3, 'the third letter');
    expect(seen).toHaveLength(3);
    expect(await rig.counts()).toMatchObject({ failed: 3, waiting: 0, active: 0, delayed: 0 });
  });

  test.each([
    ['Drop', new Drop('no such number')],
    ["BullMQ's UnrecoverableError", new UnrecoverableError('no such number')],
  ])('%s goes to the dead letters, which are the failed jobs, at once', async (_name, error) => {
    await using rig = new Rig(redis);
    const { seen, handler } = recorder(() => {
      throw error;
    });
    rig.consume(handler, { attempts: 5 });
    const job = await rig.put(7);
    await until(() => rig.letters.length === 1, 'the letter');
    expect(rig.letters[0]).toMatchObject({ id: job.id, attempt: 1, reason: 'dropped', error });
    expect([seen.length, await rig.queue.getFailed()]).toMatchObject([1, [{ failedReason: 'no such number' }]]);
    // Somebody has mended it, and retries it by hand.
    await (await rig.queue.getFailed())[0]?.retry();
    await until(() => rig.letters.length === 2, 'it was delivered again');
  });

  test.each([undefined, null, 'text', { name: 'DelayedError' }, Object.assign(new Error(), { name: 'WaitingError' })])(
    'a handler that throws %o has failed, and the message does not hang',
    async (thrown) => {
      await using rig = new Rig(redis);
      rig.consume(async () => Promise.reject(thrown), { attempts: 1 });
      await rig.put(1);
      await until(() => rig.letters.length === 1, 'the letter');
      expect(rig.letters[0]).toMatchObject({ reason: 'attempts' });
      expect(rig.letters[0]?.error).toBe(thrown);
    },
  );

  test('a pause delivers nothing until resume, while what is under way goes on', async () => {
    await using rig = new Rig(redis);
    let end: () => void = () => {};
    const { seen, come, handler } = recorder(() => new Promise<void>((resolve) => (end = resolve)));
    const intake = rig.consume(handler, { concurrency: 2 });
    const first = await rig.put(1);
    await come(1);
    await intake.pause();
    const second = await rig.put(2);
    end();
    await eventually(async () => (await first.getState()) === 'completed', 'the first is done');
    // BullMQ's worker may have been about to take one: it came back.
    expect([seen.length, (await rig.queue.getJob(second.id as string))?.attemptsMade]).toEqual([1, 0]);
    intake.resume();
    await come(2);
    expect(seen[1]).toMatchObject({ data: 2, attempt: 1 });
  });

  test('drain waits for what is under way, until it is stored, and takes no more', async () => {
    await using rig = new Rig(redis);
    let end: () => void = () => {};
    const { seen, come, handler } = recorder(() => new Promise<void>((resolve) => (end = resolve)));
    const intake = rig.consume(handler);
    await Promise.all([rig.put(1), rig.put(2)]);
    await come(1);
    const drained = intake.drain();
    expect(await Promise.race([drained, rig.queue.count()])).toBe(1);
    end();
    await drained;
    expect([seen.length, await rig.counts()]).toMatchObject([1, { completed: 1, waiting: 1, active: 0 }]);
  });

  test('close gives back what is under way, uncounted and at once, and its signal aborts', async () => {
    await using rig = new Rig(redis);
    const { seen, come, handler } = recorder(() => never);
    const intake = rig.consume(handler, { concurrency: 2 });
    await Promise.all([rig.put(1), rig.put(2)]);
    await come(2);
    const drained = intake.drain();
    await intake.close();
    await Promise.all([drained, intake.ended]);
    expect(await rig.counts()).toMatchObject({ waiting: 2, active: 0 });
    expect(seen.map(({ signal }) => signal.reason as unknown)).toEqual([
      expect.any(CancelledError),
      expect.any(CancelledError),
    ]);
    const next = recorder();
    rig.consume(next.handler);
    await next.come(2);
    expect(next.seen.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test('a lost lease aborts the signal, its outcome changes nothing, and its slot is taken until the handler ends', async () => {
    await using rig = new Rig(redis);
    let end: () => void = () => {};
    const first = recorder(() => new Promise<void>((resolve) => (end = resolve)));
    rig.consume(first.handler, {}, { skipStalledCheck: true });
    const job = await rig.put(1);
    await first.come(1);
    // The reaper of another consumer.
    const next = recorder(() => never);
    const client = await rig.queue.getBackend().client;
    await client.del(`${rig.queue.toKey(job.id as string)}:lock`);
    const [lease] = first.seen;
    await until(() => lease?.signal.aborted === true, 'the lease is lost');
    expect(lease?.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(await failureOf((lease as Delivery<unknown>).extend())).toBe(lease?.signal.reason);
    rig.consume(next.handler);
    await next.come(1);
    expect(next.seen[0]).toMatchObject({ id: job.id, attempt: 2 });
    await rig.put(2);
    expect(first.seen).toHaveLength(1);
    end();
    await first.come(2);
    expect(await job.getState()).toBe('active');
    expect(rig.errors).toEqual([]);
  });

  // BullMQ renews by the job's id, so that it renewed the lock of the second for both, and nobody told the first.
  test('a job that comes back before its consumer has missed the lock is lost to the handler that has had it', async () => {
    await using rig = new Rig(redis);
    const { seen, come, handler } = recorder(() => never);
    rig.consume(handler, { concurrency: 2 }, { lockDuration: 60_000 });
    const job = await rig.put(1);
    await come(1);
    const aborted = once((seen[0] as Delivery<unknown>).signal, 'abort');
    const client = await rig.queue.getBackend().client;
    await client.del(`${rig.queue.toKey(job.id as string)}:lock`);
    await come(2);
    await aborted;
    expect(seen[0]?.signal.reason).toBeInstanceOf(LeaseLostError);
    await seen[1]?.extend();
    expect([seen[1]?.id, seen[1]?.attempt, seen[1]?.signal.aborted]).toEqual([job.id, 2, false]);
  });

  test('so also when the handler in between has ended first: the last one keeps its lock when the first ends', async () => {
    await using rig = new Rig(redis);
    let end: () => void = () => {};
    const work = [() => new Promise<void>((resolve) => (end = resolve)), () => Promise.reject(new Error('again'))];
    const { seen, come, handler } = recorder(() => (work.shift() ?? (() => never))());
    rig.consume(handler, { concurrency: 2, attempts: 9, backoff: () => 0 });
    const job = await rig.put(1);
    await come(1);
    const client = await rig.queue.getBackend().client;
    const lock = `${rig.queue.toKey(job.id as string)}:lock`;
    await client.del(lock);
    await come(3);
    end();
    // With the end of the first BullMQ forgets the lock of the job.
    for (let times = 0; times < 2; times++) {
      await client.runCommand('pexpire', [lock, 1500]);
      await eventually(async () => Number(await client.runCommand('pttl', [lock])) > 1600, 'the lock is renewed');
    }
    expect(seen).toHaveLength(3);
  });

  test('extend renews the lock while it is held, and tells when it is not', async () => {
    await using rig = new Rig(redis);
    const { seen, come, handler } = recorder(() => never);
    rig.consume(handler, {}, { lockDuration: 60_000 });
    const job = await rig.put(1);
    await come(1);
    const client = await rig.queue.getBackend().client;
    const lock = `${rig.queue.toKey(job.id as string)}:lock`;
    const ttl = async (): Promise<number> => Number(await client.runCommand('pttl', [lock]));
    await client.runCommand('pexpire', [lock, 1000]);
    await seen[0]?.extend();
    expect(await ttl()).toBeGreaterThan(50_000);
    await client.del(lock);
    expect(await failureOf(seen[0]?.extend() as Promise<void>)).toBeInstanceOf(LeaseLostError);
  });

  test('a message whose consumers die is given up after its attempts, as poison', async () => {
    await using rig = new Rig(redis);
    const { seen, come, handler } = recorder(async ({ signal }) => {
      await once(signal, 'abort');
    });
    const job = await rig.put('kills');
    const client = await rig.queue.getBackend().client;
    rig.consume(handler, { attempts: 2, concurrency: 3 });
    for (const attempt of [1, 2]) {
      await come(attempt);
      expect(seen[attempt - 1]).toMatchObject({ attempt });
      // As if the process had died: nobody renews it.
      await client.del(`${rig.queue.toKey(job.id as string)}:lock`);
    }
    await until(() => rig.letters.length === 1, 'the letter');
    expect(rig.letters[0]).toMatchObject({ id: job.id, data: 'kills', attempt: 2, reason: 'poison' });
    expect(rig.letters[0]?.error).toBeInstanceOf(PoisonMessageError);
    expect(seen).toHaveLength(2);
  });
});
