// Messages that have come by the same packet are lent together, at the end of the tick: what happens in between is heard.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hasRedis, RedisServer } from '../redis/server.js';
import { until } from '../threads/support.js';
import { eventually, Rig } from './bullmq-rig.js';

const messages = 40;
const all = { concurrency: messages };

describe.runIf(hasRedis)('messages of BullMQ that come together', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.open();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test('none begins once the intake was closed, and all are given back once, uncounted', async () => {
    await using rig = new Rig(redis);
    await rig.queue.addBulk(Array.from({ length: messages }, (_, data) => ({ name: 'sms', data })));
    let closing: Promise<void> | undefined;
    const begun: unknown[] = [];
    const intake = rig.consume(({ data }) => {
      begun.push(data);
      // Of a few that are there: others have come with the last of them, and wait for their turn.
      if (begun.length === 5) closing = intake.close();
      return new Promise<never>(() => {});
    }, all);
    await until(() => closing !== undefined, 'five messages');
    await closing;
    expect(begun).toHaveLength(5);
    expect(await rig.counts()).toMatchObject({ waiting: messages, active: 0, failed: 0 });

    const attempts: number[] = [];
    const ids = new Set<string>();
    rig.consume(async ({ id, attempt }) => {
      ids.add(id);
      attempts.push(attempt);
    }, all);
    await eventually(async () => (await rig.counts())['completed'] === messages, 'all are done');
    expect(ids.size).toBe(messages);
    expect(attempts).toEqual(Array.from({ length: messages }, () => 1));
  });
});
