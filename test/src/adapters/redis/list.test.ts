import { Redis } from 'ioredis';
import { Drop, InvalidArgumentError, InvalidStateError } from 'offloop';
import { redisList, RedisListError } from 'offloop/redis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { hasRedis } from '../../redis/server.js';
import { thrownBy } from '../../threads/support.js';
import { eventually, key, ListRig } from './support.js';

describe.runIf(hasRedis)('redisList', () => {
  let rig: ListRig;
  beforeEach(async () => {
    rig = await ListRig.open();
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const nothing = { waiting: 0, delayed: 0, held: 0, dead: 0 };

  test('payloads are what producers push: 5 is the number 5, and each of two equal ones is a message of its own', async () => {
    await rig.push('5', '5', '{"phone":"010"}', '"text"');
    const list = rig.list();
    rig.consume(undefined, { concurrency: 2 }, list);
    await eventually(async () => (await list.stats()).waiting === 0 && rig.seen.length === 4, 'all are taken');
    expect(rig.seen.map(({ data }) => data)).toEqual([5, 5, { phone: '010' }, 'text']);
    expect(new Set(rig.seen.map(({ id }) => id)).size).toBe(4);
    expect(rig.seen[0]).toMatchObject({ name: key, attempt: 1 });
    await eventually(async () => (await list.stats()).held === 0, 'all are acknowledged');
    expect(await list.stats()).toEqual(nothing);
  });

  test('what was put is a plain payload, for any other consumer, and nothing is left when all is done', async () => {
    const list = rig.list();
    await list.put(7);
    await list.putMany(Array.from({ length: 2500 }, (_, n) => n));
    expect(await rig.client.rpop(key)).toBe('7');
    expect(await list.stats()).toEqual({ ...nothing, waiting: 2500 });
    const intake = rig.consume(undefined, { concurrency: 100 }, list);
    await eventually(() => rig.seen.length === 2500, 'all are delivered');
    await intake.drain();
    await intake.close();
    expect(rig.seen.map(({ data }) => data).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2500 }, (_, n) => n),
    );
    expect(await rig.keys()).toEqual([]);
  });

  test('it takes from the left of a list, where its producers push to the right', async () => {
    await rig.client.rpush(key, 1, 2);
    const list = rig.list({ from: 'left' });
    await list.put(3);
    rig.consume(
      async ({ data, attempt }) => (data === 1 && attempt === 1 ? Promise.reject(new Error()) : undefined),
      { backoff: () => 0 },
      list,
    );
    await eventually(() => rig.seen.length === 4, 'all have come');
    expect(rig.seen.map(({ data }) => data)).toEqual([1, 1, 2, 3]);
  });

  test('with a client, its connections have its options: the database, the prefix of its keys', async () => {
    const client = new Redis(rig.redis.url, { db: 3, keyPrefix: 'app:', lazyConnect: true });
    const list = rig.list({ client });
    await list.putMany([1, 2]);
    rig.consume(
      async ({ data, attempt }) => (attempt === 1 ? Promise.reject(new Error()) : data),
      { concurrency: 2 },
      list,
    );
    await eventually(() => rig.seen.length === 4, 'both have come twice');
    const raw = rig.client.duplicate({ db: 3 });
    expect((await raw.keys('*')).every((each) => each.startsWith('app:'))).toBe(true);
    raw.disconnect();
    expect([await rig.keys(), client.status]).toEqual([[], 'wait']);
  });

  test('dead letters lie in Redis with their reason, can be looked at, taken out, and put back with all their attempts', async () => {
    const list = rig.list({ attempts: 2 });
    await rig.push(1, '{"half":', 2, 'x\ny');
    const refusing = rig.consume(
      async ({ data }) =>
        Promise.reject(data === 1 ? new Drop('not for us') : Object.assign(new Error('no luck'), { code: 'E_LUCK' })),
      {},
      list,
    );
    await eventually(() => rig.letters.length === 4, 'four letters');
    await refusing.close();
    const letters = await list.deadLetters();
    expect(letters.map(({ data, raw, attempt, reason }) => [data, raw, attempt, reason])).toEqual([
      [1, '1', 1, 'dropped'],
      [undefined, '{"half":', 0, 'malformed'],
      [undefined, 'x\ny', 0, 'malformed'],
      [2, '2', 2, 'attempts'],
    ]);
    expect(letters[3]?.error).toMatchObject({ name: 'Error', message: 'no luck', code: 'E_LUCK' });
    expect(new Set(letters.map(({ id }) => id))).toEqual(new Set(rig.letters.map(({ id }) => id)));
    expect(await list.requeueDeadLetters([letters[3]?.id as string, 'unknown'])).toBe(1);
    expect(await list.stats()).toEqual({ ...nothing, waiting: 1, dead: 3 });
    const next = rig.consume(undefined, {}, list);
    await eventually(() => rig.seen.at(-1)?.id === letters[3]?.id && rig.seen.at(-1)?.attempt === 1, 'it comes again');
    await next.close();
    expect((await list.takeDeadLetters(1)).map(({ data }) => data)).toEqual([1]);
    // A string is iterable, too.
    await expect(list.putMany('abc' as never)).rejects.toThrow(/putMany takes an array of messages.*got 'abc'/);
    await expect(list.requeueDeadLetters('one id')).rejects.toThrow(/must be an array of strings.*'one id'/);
    expect(await list.requeueDeadLetters()).toBe(2);
    expect(await list.stats()).toEqual({ ...nothing, waiting: 2 });
  });

  test('a message that waits for its next attempt waits in Redis, and any consumer gets it when it is due', async () => {
    await rig.push(1);
    const list = rig.list();
    const since = performance.now();
    const first = rig.consume(async () => Promise.reject(new Error()), { backoff: () => 300 }, list);
    await eventually(async () => (await list.stats()).delayed === 1, 'it is delayed');
    await first.close();
    expect(await list.stats()).toEqual({ ...nothing, delayed: 1 });
    rig.consume(undefined, {}, list);
    await eventually(() => rig.seen.length === 2, 'it comes again');
    expect(performance.now() - since).toBeGreaterThan(290);
    expect(rig.seen[1]).toMatchObject({ id: rig.seen[0]?.id, attempt: 2, data: 1 });
  });

  test('the counts are those of one moment: while messages go to and fro and consumers come and go, none is missed', async () => {
    const list = rig.list();
    await rig.push(1, 2, 3, 4, 5, 6, 7, 8);
    const failing = (): Promise<never> => Promise.reject(new Error('again'));
    const endless = { concurrency: 3, attempts: 1e6, backoff: () => 0 };
    rig.consume(failing, endless, list);
    for (let i = 0; i < 300; i++) {
      const other = i % 50 === 0 ? rig.consume(failing, endless, list) : undefined;
      const { waiting, delayed, held, dead } = await list.stats();
      expect([waiting + delayed + held, dead]).toEqual([8, 0]);
      if (i % 100 === 0) void other?.close();
    }
  });

  test('messages are given back in their order, and to the head of the line', async () => {
    await rig.push(1, 2, 3, 4, 5, 6);
    const first = rig.consume(() => new Promise(() => {}), { concurrency: 4 });
    await eventually(() => rig.seen.length === 4, 'four are taken');
    await first.close();
    rig.consume();
    await eventually(() => rig.seen.length === 10, 'all have come');
    expect(rig.seen.map(({ data, attempt }) => [data, attempt])).toEqual(
      [1, 2, 3, 4, 1, 2, 3, 4, 5, 6].map((data) => [data, 1]),
    );
  });

  test('at most once: what is taken is gone from Redis, and a handler that failed has a dead letter', async () => {
    const list = rig.list({ mode: 'at-most-once' });
    await rig.push(1, 2, 3);
    const intake = rig.consume(
      async ({ data }) => (data === 2 ? Promise.reject(new Error()) : new Promise(() => {})),
      { concurrency: 3 },
      list,
    );
    await eventually(() => rig.letters.length === 1, 'a letter');
    expect(await list.stats()).toEqual({ ...nothing, dead: 1 });
    await intake.close();
    expect(await list.stats()).toEqual({ ...nothing, dead: 1 });
    expect(await list.deadLetters()).toMatchObject([{ data: 2, attempt: 1, reason: 'attempts' }]);
  });

  test('a Redis whose memory is full is emptied', async () => {
    const list = rig.list();
    await list.putMany(Array.from({ length: 2000 }, (_, n) => n));
    await rig.client.config('SET', 'maxmemory', '1');
    await expect(list.put(1)).rejects.toThrow(/OOM/);
    rig.consume(
      async ({ data, attempt }) => (data % 100 === 0 && attempt === 1 ? Promise.reject(new Error()) : undefined),
      { concurrency: 10 },
      list,
    );
    await eventually(async () => rig.seen.length === 2020 && (await list.stats()).held === 0, 'all are done');
    expect(await list.stats()).toEqual(nothing);
    // It may not block for more: that is told.
    expect(rig.errors.filter(({ message }) => !message.includes('OOM'))).toEqual([]);
  });

  test('a key that is no list is told, once, and consumed when it is one', async () => {
    await rig.client.set(key, 'no list');
    const intake = rig.consume();
    await eventually(() => rig.errors.length > 0, 'the trouble is told');
    expect(rig.errors[0]).toBeInstanceOf(RedisListError);
    expect(rig.errors[0]?.message).toMatch(/redisList 'queue': Redis refuses it: WRONGTYPE/);
    await new Promise((resolve) => void setTimeout(resolve, 500));
    await rig.client.del(key);
    await rig.push(1);
    await eventually(() => rig.seen.length === 1, 'it is delivered');
    expect([rig.errors.length, intake.health()]).toEqual([1, { state: 'up' }]);
  });

  test('a step that Redis refuses is told, once, tried again, and done when it can be; nothing is lost', async () => {
    const dead = `{${key}}:offloop:dead`;
    await rig.client.set(dead, 'not ours');
    await rig.push(1);
    const intake = rig.consume(async () => Promise.reject(new Drop('not for us')));
    await eventually(() => rig.errors.length > 0, 'the trouble is told');
    await new Promise((resolve) => void setTimeout(resolve, 500));
    expect(intake.health()).toMatchObject({
      state: 'down',
      error: { message: expect.stringMatching(/WRONGTYPE/) as string },
    });
    await rig.client.del(dead);
    await eventually(() => rig.letters.length > 0, 'the letter');
    expect([rig.letters.length, rig.errors.length, intake.health()]).toEqual([1, 1, { state: 'up' }]);
  });

  test('closed, it refuses, and its consumers end with an error', async () => {
    const list = rig.list();
    const intake = rig.consume(undefined, {}, list);
    await list.put(1);
    await list.close();
    await expect(intake.ended).rejects.toThrow(RedisListError);
    await expect(list.put(1)).rejects.toThrow(InvalidStateError);
    expect(thrownBy(() => list.consume(async () => {}, { concurrency: 1, onError() {}, onDead() {} }))).toBeInstanceOf(
      InvalidStateError,
    );
  });

  test('what cannot be serialized is refused, and so are options that make no sense', async () => {
    await expect(rig.list().put(undefined as never)).rejects.toThrow(
      /cannot serialize undefined: JSON has no such value/,
    );
    for (const [options, text] of [
      [undefined, /needs the option key/],
      [{}, /needs the option key/],
      [{ key: '' }, /option key of redisList must be the key of a list/],
      [{ key, url: 'localhost' }, /option url of redisList must be as redis:/],
      [{ key, client: {} }, /an ioredis client/],
      [{ key, client: rig.client, url: rig.redis.url }, /either client or url/],
      [{ key, mode: 'exactly-once' }, /one of 'at-least-once', 'at-most-once'/],
      [{ key, leaseMs: 10 }, /at least 300/],
      [{ key, attempts: 0 }, /at least 1/],
      [
        { key, deadLimit: 0 },
        /option deadLimit .* at least 1, or Infinity \(what is given up has to lie somewhere .*got 0$/,
      ],
      [{ key, backoff: -1 }, /option backoff of redisList/],
      [{ key, concurrency: 3 }, /no option "concurrency"; it has key, url,/],
    ] as const) {
      const error = thrownBy(() => redisList(options as never));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect((error as Error).message).toMatch(text);
    }
  });
});
