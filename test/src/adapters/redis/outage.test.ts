import { Redis } from 'ioredis';
import { LeaseLostError } from 'offloop';
import { Connection, connectionOptions } from 'offloop-internal/adapters/redis/connection.js';
import { afterEach, describe, expect, test } from 'vitest';

import { timed } from '../../timed.js';
import { hasRedis } from '../../redis/server.js';
import { eventually, ListRig, quick } from './support.js';

const patiently = { timeout: 30_000, interval: 2 };

/** Those that wait for a message, the others, or all. False when there was none: a wait ends by itself, and begins again. */
async function killConnections(client: Redis, which: string): Promise<boolean> {
  const lines = ((await client.client('LIST')) as string).trim().split('\n');
  const ours = lines.filter((line) => /cmd=(blmove|eval)/.test(line));
  const chosen = ours.filter((line) => which === 'all' || /flags=b/.test(line) === (which === 'blocked'));
  for (const line of chosen) await client.client('KILL', 'ID', /id=(\d+)/.exec(line)?.[1] as string);
  return chosen.length > 0;
}

describe.runIf(hasRedis)('redisList, while its Redis is gone', () => {
  let rig: ListRig;
  afterEach(() => rig[Symbol.asyncDispose]());

  /** A handler that waits until somebody opens its gate. */
  function gate(): { readonly handler: () => Promise<void>; readonly open: () => void } {
    let open: () => void = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { handler: () => opened, open: () => open() };
  }

  test('Redis is down at the start: told once, and survived', async () => {
    rig = await ListRig.open({ started: false });
    const intake = rig.consume();
    expect(intake.health()).toEqual({ state: 'starting' });
    await eventually(() => rig.errors.length > 0, 'the trouble is told');
    expect(rig.errors[0]?.message).toMatch(/^redisList 'queue' cannot reach Redis: connect ECONNREFUSED 127\.0\.0\.1:/);
    expect(intake.health()).toEqual({ state: 'starting', error: rig.errors[0] });
    await rig.redis.start();
    await rig.push(1);
    await eventually(() => rig.seen.length === 1, 'it is delivered');
    expect([intake.health(), rig.errors.length]).toEqual([{ state: 'up' }, 1]);
  });

  test('Redis is killed under jobs for longer than a lease: nobody is taken for dead, each is done once, it is told once', async () => {
    rig = await ListRig.open();
    const { handler, open } = gate();
    const list = rig.list();
    // A third of it is what Redis may take to answer, also when it starts on a busy machine.
    const leaseMs = 3000;
    const intakes = [1, 2].map(() => rig.consume(handler, { concurrency: 2 }, rig.list({ leaseMs })));
    await rig.push(1, 2, 3, 4, 5, 6);
    await eventually(() => rig.seen.length === 4, 'four are under way');
    await rig.redis.kill();
    const down = (): boolean => intakes.every((intake) => intake.health().state === 'down');
    await eventually(() => down() && rig.errors.length === 2, 'the trouble is told, to each');
    await new Promise((resolve) => void setTimeout(resolve, 1.5 * leaseMs));
    await rig.redis.start();
    await eventually(() => intakes.every((intake) => intake.health().state === 'up'), 'both are back');
    await new Promise((resolve) => void setTimeout(resolve, leaseMs));
    open();
    await eventually(async () => rig.seen.length === 6 && (await list.stats()).held === 0, 'all are done');
    expect(rig.seen.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual(rig.seen.map(() => [1, false]));
    expect(rig.errors.map(String)).toEqual(rig.errors.slice(0, 2).map(String));
  });

  test.each(['normal', 'blocked', 'all'])(
    'its connections are killed (%s): told once, and nothing is lost',
    async (which) => {
      rig = await ListRig.open();
      const { handler, open } = gate();
      const list = rig.list();
      rig.consume(({ data }) => (data === 1 ? handler() : Promise.resolve()), { concurrency: 3 }, list);
      await rig.push(1);
      await eventually(() => rig.seen.length === 1, 'one is under way');
      await eventually(async () => /blocked_clients:1/.test(await rig.client.info('clients')), 'it waits for more');
      for (let kill = 1; kill <= 3; kill++) {
        await eventually(() => killConnections(rig.client, which), 'one is killed');
        await expect.poll(() => rig.errors.map(String), patiently).toHaveLength(kill);
        await rig.push(kill + 1);
        await eventually(() => rig.seen.length === kill + 1, 'the next one comes');
        await eventually(async () => /blocked_clients:1/.test(await rig.client.info('clients')), 'it waits again');
      }
      open();
      await eventually(async () => (await list.stats()).held === 0, 'all are done');
      expect(rig.seen.map(({ data }) => data)).toEqual([1, 2, 3, 4]);
      expect(rig.errors.map(String)).toHaveLength(3);
    },
  );

  test('what is no longer in Redis is lost to its handler, who goes on with what comes then', async () => {
    rig = await ListRig.open();
    const { handler, open } = gate();
    rig.consume(handler, { concurrency: 2 }, rig.list(quick));
    await rig.push(1);
    await eventually(() => rig.seen.length === 1, 'it is under way');
    await rig.client.flushall();
    await eventually(() => rig.seen[0]?.signal.aborted === true, 'its signal aborts');
    expect(rig.seen[0]?.signal.reason).toBeInstanceOf(LeaseLostError);
    open();
    await rig.push(2);
    await eventually(() => rig.seen.length === 2, 'the next one comes');
    expect(rig.errors).toEqual([]);
  });

  test.each([
    ['was never there', false],
    ['was killed', true],
  ])('close takes a few seconds at most when Redis %s, and what is lent is let go', timed, async (_how, started) => {
    rig = await ListRig.open({ started });
    const intake = rig.consume(() => new Promise(() => {}));
    if (started) {
      await rig.push(1);
      await eventually(() => rig.seen.length === 1, 'it is under way');
      await rig.redis.kill();
    }
    const drained = intake.drain();
    const begin = performance.now();
    await intake.close();
    await Promise.all([drained, intake.ended]);
    expect(performance.now() - begin).toBeLessThan(4500);
    expect(rig.seen.every(({ signal }) => signal.aborted)).toBe(true);
  });

  // It was, and the connection was given up, and Redis told to be out of reach.
  test('an answer that comes while this thread is blocked is not late', async () => {
    rig = await ListRig.open();
    const connection = new Connection({
      name: 'test',
      connect: () => new Redis(rig.redis.url, connectionOptions),
      onLost: (error) => rig.errors.push(error),
    });
    await connection.call(10_000, (client) => client.ping());
    const answer = connection.call(100, (client) => client.ping());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    expect(await answer).toBe('PONG');
    await expect(connection.call(100, (client) => client.blpop('nothing', 0))).rejects.toThrow(
      /not answer within 100 ms/,
    );
    connection.close();
  });

  // It was told as a connection that somebody else had closed.
  test('Redis answers no more: told once, with how long was waited for it, and survived', async () => {
    rig = await ListRig.open();
    const intake = rig.consume(undefined, {}, rig.list({ leaseMs: 3000 }));
    await rig.push(1);
    await eventually(() => rig.seen.length === 1, 'it is delivered');
    rig.redis.pause();
    await eventually(() => rig.errors.length === 1, 'the trouble is told');
    rig.redis.resume();
    await rig.push(2);
    await eventually(() => rig.seen.length === 2, 'the next one is delivered');
    expect(intake.health()).toEqual({ state: 'up' });
    expect(rig.errors.map(String)).toEqual(["RedisListError: redisList 'queue': Redis did not answer within 1000 ms"]);
  });

  test('a call waits for nothing when Redis is gone, and says so', async () => {
    rig = await ListRig.open({ started: false });
    const list = rig.list();
    await expect(list.put(1)).rejects.toThrow(/redisList 'queue' cannot reach Redis: connect ECONNREFUSED/);
    await rig.redis.start();
    await list.put(1);
    expect((await list.stats()).waiting).toBe(1);
  });
});
