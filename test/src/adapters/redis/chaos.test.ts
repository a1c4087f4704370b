import { describe, expect, test } from 'vitest';

import { chaos } from '../../redis/chaos.js';
import { hasRedis } from '../../redis/server.js';
import { key, ListRig } from './support.js';

const isWhole = process.env['OFFLOOP_CHAOS'] === '1';
const [messages, kills, concurrency] = isWhole ? [4000, 14, 8] : [400, 3, 8];
const limitMs = isWhole ? 120_000 : 30_000;

describe.runIf(hasRedis)('redisList, with consumers that are killed', () => {
  test(
    `${messages} messages, ${kills} consumers killed: none is lost or stuck, few are done twice`,
    async () => {
      await using rig = await ListRig.open();
      const list = rig.list();
      await list.putMany(Array.from({ length: messages }, (_, n) => n));
      const report = await chaos({
        program: 'list-consumer',
        args: [rig.redis.url, key],
        messages,
        kills,
        processes: 2,
        concurrency,
        limitMs: limitMs - 5000,
        left: async () => {
          const { waiting, delayed, held, dead } = await list.stats();
          return waiting + delayed + held + dead;
        },
      });
      if (isWhole) console.log(report);
      expect(report).toMatchObject({ done: messages, lost: 0, stuck: 0, kills });
      expect(report.duplicates).toBeLessThanOrEqual(kills * concurrency);
    },
    limitMs,
  );
});
