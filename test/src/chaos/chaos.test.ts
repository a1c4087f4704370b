// What `npm run chaos` does, in small; the whole of it with OFFLOOP_CHAOS=1.
import { describe, expect, test } from 'vitest';

import { runChaos, type Order } from '../../../packages/examples/dist/chaos/chaos.js';
import { readOptions } from '../../../packages/examples/dist/chaos/options.js';
import { boundOf, brokenOf, reportLines } from '../../../packages/examples/dist/chaos/report.js';
import { hasSqlite } from '../adapters/sqlite/support.js';
import { hasRedis } from '../redis/server.js';

const isWhole = process.env['OFFLOOP_CHAOS'] === '1';
const small = '--messages 300 --kills 3 --drops 8 --restarts 1 --work 6'.split(' ');
const limitMs = isWhole ? 120_000 : 30_000;
const runs = (readOptions(isWhole ? [] : small) ?? []).map((order): Order => ({
  ...order,
  limitMs,
  ...(isWhole ? {} : { leaseMs: 800 }),
}));

function isHere({ source }: Pick<Order, 'source'>): boolean {
  return source === 'sqlite' ? hasSqlite : hasRedis;
}

const what = {
  kill: 'consumers are killed with SIGKILL',
  drop: 'replies of Redis are dropped with their connections',
  restart: 'Redis is killed with SIGKILL, and started again',
};

describe.each(runs.filter(({ source }) => source !== 'naive'))(
  '$source loses nothing, and does nothing twice but what was under way, when',
  (order) => {
    test.runIf(isHere(order))(
      `${order.faults} times of ${order.messages} messages ${what[order.fault]}`,
      async () => {
        const report = await runChaos(order);
        if (isWhole) console.log(reportLines([report], []).join('\n'));
        expect([brokenOf(report), report.said]).toEqual([[], order.fault === 'kill' ? [] : expect.any(Array)]);
        expect(report).toMatchObject({ done: order.messages, lost: 0, stuck: 0, dead: 0, made: order.faults });
        expect(report.duplicates).toBeLessThanOrEqual(boundOf(report));
      },
      limitMs + 20_000,
    );
  },
);

describe.each(runs.filter(({ source }) => source === 'naive'))(
  'the consumer of the tutorial loses messages when',
  (order) => {
    test.runIf(isHere(order))(
      `${what[order.fault]}: the faults hit`,
      async () => {
        const report = await runChaos(order);
        if (isWhole) console.log(reportLines([report], []).join('\n'));
        expect(report).toMatchObject({ stuck: 0, isLate: false });
        expect(report.lost).toBeGreaterThan(0);
        expect(brokenOf({ ...report, source: 'list' })).toContain(`${report.lost} messages are lost`);
      },
      limitMs + 20_000,
    );
  },
);

describe.each(['list', 'bullmq', 'sqlite'] as const)(
  '%s, with a message that kills each process that takes it',
  (source) => {
    test.runIf(isHere({ source }))(
      'gives it up after its attempts, tells so, and everything else is done',
      async () => {
        const report = await runChaos({
          source,
          fault: 'kill',
          faults: 0,
          messages: 40,
          poison: 1,
          attempts: 3,
          processes: 2,
          // Who dies with others would take their attempts along.
          concurrency: 1,
          workMs: 5,
          leaseMs: 500,
          limitMs: 30_000,
        });
        expect(report).toMatchObject({ done: 40, lost: 0, stuck: 0, dead: 1, deaths: 3, duplicates: 0, isLate: false });
        expect(report.said).toEqual(['gave up -1: poison 3']);
      },
      50_000,
    );
  },
);
