import { Drop } from 'offloop';
import { ReplyDropper } from '../../../../packages/examples/dist/chaos/reply-dropper.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { hasRedis } from '../../redis/server.js';
import { eventually, key, ListRig } from './support.js';

describe.runIf(hasRedis)('redisList with a deadLimit', () => {
  let rig: ListRig;

  beforeEach(async () => {
    rig = await ListRig.open();
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  test('the oldest dead letters are forgotten above deadLimit, also those of a time without one, and nothing of them is left', async () => {
    const [endless, list] = [rig.list(), rig.list({ deadLimit: 2 })];
    const drop = (): Promise<never> => Promise.reject(new Drop('not for us'));
    const kept = async (): Promise<unknown[]> => (await list.deadLetters()).map(({ data }) => data);
    await rig.push(1, 2, 3, 4);
    const first = rig.consume(drop, {}, endless);
    await eventually(() => rig.letters.length === 4, 'four letters');
    await first.close();
    expect(await kept()).toEqual([1, 2, 3, 4]);
    await rig.push(5);
    rig.consume(drop, {}, list);
    await eventually(() => rig.letters.length === 5, 'the fifth');
    expect(await kept()).toEqual([4, 5]);
    await rig.push(6);
    await eventually(() => rig.letters.length === 6, 'the sixth');
    expect([await kept(), (await list.stats()).dead]).toEqual([[5, 6], 2]);
    expect(await rig.client.zcard(`{${key}}:offloop:dead-order`)).toBe(2);
    expect(rig.errors).toEqual([]);
  });

  test('a limit that is new to a list with many dead letters takes them away by and by, so that nobody waits long', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => n);
    await rig.client.zadd(`{${key}}:offloop:dead-order`, ...many.flatMap((n) => [n, `old-${n}`]));
    await rig.client.hset(`{${key}}:offloop:dead`, Object.fromEntries(many.map((n) => [`old-${n}`, ''])));
    const list = rig.list({ deadLimit: 1 });
    rig.consume(() => Promise.reject(new Drop('not for us')), {}, list);
    for (let left = 10_000; left > 1;) {
      await rig.push(1);
      await eventually(async () => (await list.stats()).dead < left, 'some are forgotten');
      const { dead } = await list.stats();
      expect(dead).toBe(Math.max(1, left - 1000));
      left = dead;
    }
    await eventually(() => rig.letters.length === 10, 'all are told');
  });

  test('many that are given up in one turn leave deadLimit letters', async () => {
    const list = rig.list({ deadLimit: 3 });
    await rig.push(...Array.from({ length: 50 }, (_, n) => n));
    rig.consume(() => Promise.reject(new Drop('not for us')), { concurrency: 20 }, list);
    await eventually(() => rig.letters.length === 50, 'all are told');
    expect(await list.stats()).toEqual({ waiting: 0, delayed: 0, held: 0, dead: 3 });
    expect(await list.requeueDeadLetters()).toBe(3);
  });

  test('each letter is told, also one that is forgotten before its consumer knows that it lies there, since the reply was lost', async () => {
    for (let number = 1, requests = Infinity; number <= requests; number++) {
      await using own = await ListRig.open();
      await using proxy = await ReplyDropper.open(own.redis.port, { loses: (_, each) => each === number });
      const list = own.list({ url: proxy.url, deadLimit: 1, leaseMs: 600 });
      await own.push(1, 2, 3, 4, 5, 6);
      const intake = own.consume(() => Promise.reject(new Drop('not for us')), { concurrency: 3 }, list);
      await eventually(() => own.letters.length === 6, `all are told when reply number ${number} is lost`);
      await intake.close();
      expect(new Set(own.letters.map(({ data }) => data))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
      expect((await own.list().stats()).dead).toBe(1);
      if (proxy.count === 0) break;
      requests = proxy.requests;
    }
  }, 60_000);
});
