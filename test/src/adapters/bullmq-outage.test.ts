import { memoryQueue } from 'offloop';
import { bullmqBridge } from 'offloop/bullmq';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { until } from '../threads/support.js';
import { eventually, Rig } from './bullmq-rig.js';

describe.runIf(hasRedis)('bullmqSource, while its Redis is gone', () => {
  test('Redis is down at the start: told once, and survived', async () => {
    await using redis = await RedisServer.open({ started: false });
    await using rig = new Rig(redis);
    const seen: unknown[] = [];
    const intake = rig.consume(async ({ data }) => void seen.push(data));
    expect(intake.health().state).toBe('starting');
    await until(() => rig.errors.length > 0, 'the trouble is told');
    expect(rig.errors[0]?.message).toMatch(/ECONNREFUSED/);
    await redis.start();
    await rig.put(1);
    await until(() => seen.length === 1, 'it is delivered');
    expect(intake.health()).toEqual({ state: 'up' });
    expect(rig.errors).toHaveLength(1);
  });

  test('Redis is killed under a job and started again: nothing is lost, and each is done', async () => {
    await using redis = await RedisServer.open();
    await using rig = new Rig(redis);
    const seen = new Set<unknown>();
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const intake = rig.consume(async ({ data }) => (seen.add(data), gate), { concurrency: 2 }, { lockDuration: 2000 });
    await Promise.all([1, 2, 3, 4, 5].map((n) => rig.put(n)));
    await until(() => seen.size === 2, 'two are under way');
    await redis.kill();
    await until(() => intake.health().state === 'down' && rig.errors.length === 1, 'the trouble is told, once');
    go();
    await redis.start();
    await until(() => seen.size === 5, 'the others are delivered');
    await eventually(async () => (await rig.counts())['completed'] === 5, 'all are stored');
    expect(intake.health()).toEqual({ state: 'up' });
  });

  test.each([
    ['was never there', false],
    ['was killed', true],
  ])('close takes a few seconds at most when Redis %s, and what is lent is let go', timed, async (_how, started) => {
    await using redis = await RedisServer.open({ started });
    const rig = new Rig(redis);
    const signals: AbortSignal[] = [];
    const intake = rig.consume(async ({ signal }) => (signals.push(signal), new Promise(() => {})));
    if (started) {
      await rig.put(1);
      await until(() => signals.length === 1, 'it is under way');
      await redis.kill();
    }
    const drained = intake.drain();
    const begin = performance.now();
    await intake.close();
    await Promise.all([drained, intake.ended]);
    expect(performance.now() - begin).toBeLessThan(4500);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    await rig.queue.getBackend().close(true);
  });
});

test('a bridge has no options for jobs, which it does not run', () => {
  const queue = { add: () => Promise.reject(new Error('unused')) };
  expect(() => bullmqBridge(memoryQueue(), queue, { concurrency: 3 } as never)).toThrow(
    /no option 'concurrency'.*its option consumers/,
  );
});

describe.runIf(hasRedis)('bullmqBridge', () => {
  test('moves what arrives in a source, once each, although it was delivered twice', async () => {
    await using redis = await RedisServer.open();
    await using rig = new Rig(redis);
    const list = memoryQueue<string>({ name: 'queue' });
    let failing = 2;
    const queue = {
      // The answer of Redis is lost: the job is there already when the bridge tries again.
      async add(...args: Parameters<typeof rig.queue.add>) {
        const job = await rig.queue.add(...args);
        if (failing-- > 0) throw new Error('the answer was lost');
        return job;
      },
    };
    const errors: unknown[] = [];
    await using bridge = bullmqBridge(list, queue, {
      consumers: 2,
      backoff: 1,
      jobOptions: { attempts: 4 },
      onError: (error) => errors.push(error),
    });
    for (const text of ['5', '5', '1']) await list.put(text);
    await list.join();
    await bridge.close();
    const jobs = await rig.queue.getWaiting();
    expect(jobs.map(({ name, data }) => [name, data]).toSorted(([, a], [, b]) => (a < b ? -1 : 1))).toEqual([
      ['queue', '1'],
      ['queue', '5'],
      ['queue', '5'],
    ]);
    expect([jobs[0]?.opts.attempts, errors.length, new Set(jobs.map(({ id }) => id)).size]).toEqual([4, 2, 3]);
  });
});
