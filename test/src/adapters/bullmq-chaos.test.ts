import { describe, expect, test } from 'vitest';

import { chaos } from '../redis/chaos.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { Rig } from './bullmq-rig.js';

const isWhole = process.env['OFFLOOP_CHAOS'] === '1';
const [messages, kills, concurrency] = isWhole ? [4000, 14, 8] : [400, 3, 8];
const limitMs = isWhole ? 120_000 : 30_000;

describe.runIf(hasRedis)('bullmqSource, with consumers that are killed', () => {
  test(
    `${messages} messages, ${kills} consumers killed: none is lost or stuck, few are done twice`,
    async () => {
      await using redis = await RedisServer.open();
      await using rig = new Rig(redis);
      await rig.queue.addBulk(Array.from({ length: messages }, (_, n) => ({ name: 'note', data: n })));
      const report = await chaos({
        program: 'bullmq-consumer',
        args: [redis.url, rig.name],
        messages,
        kills,
        processes: 2,
        concurrency,
        limitMs: limitMs - 5000,
        left: async () => rig.queue.getJobCountByTypes('waiting', 'active', 'delayed', 'failed'),
      });
      if (isWhole) console.log(report);
      expect(report).toMatchObject({ done: messages, lost: 0, stuck: 0, kills });
      expect(report.duplicates).toBeLessThanOrEqual(kills * concurrency);
    },
    limitMs,
  );
});
