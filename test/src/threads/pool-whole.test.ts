// What concerns a pool as a whole: map, broadcast, its size, its end.
import { CancelledError, LoopClosedError, LoopPool, type Coroutine } from 'offloop';
import { describe, expect, test } from 'vitest';

import { blockedPool } from './pool-support.ts';
import { basic, failureOf, faulty, openGate, place, reported, shared, sharedWords, until } from './support.ts';

describe('map', () => {
  test('gives the results in order, and takes from its input only as there is room', async () => {
    await using pool = new LoopPool({ size: 2 });
    let taken = 0;
    let given = 0;
    function* numbers(): Generator<number> {
      for (; taken < 50; taken++) {
        expect(taken - given).toBeLessThan(4);
        yield 50 - taken;
      }
    }
    const results: number[] = [];
    for await (const result of pool.map(basic.sleepFor, numbers(), { concurrency: 4 })) {
      results.push(result);
      given++;
    }
    expect(results).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
  });

  test('ordered: false gives them as they come; an async input works', async () => {
    await using pool = new LoopPool({ size: 1 });
    const words = sharedWords();
    async function* gates(): AsyncGenerator<'waits' | 'opens'> {
      yield 'waits';
      yield 'opens';
    }
    const results: string[] = [];
    const job = (what: 'waits' | 'opens'): Coroutine<string> =>
      what === 'waits' ? shared.waitAtGate(words) : (basic.echo(what) as Coroutine<string>);
    for await (const result of pool.map(job, gates(), { ordered: false })) {
      results.push(result);
      openGate(words);
    }
    expect(results).toEqual(['opens', 'released']);
  });

  test('the first error ends it, cancels the rest and closes the input; so does a signal', async () => {
    await using pool = new LoopPool({ size: 1 });
    let closed = 0;
    function* messages(): Generator<string> {
      try {
        for (;;) yield 'wrong';
      } finally {
        closed++;
      }
    }
    const failing = pool.map(faulty.fail, messages());
    expect(await failureOf(failing.next())).toMatchObject({ message: 'wrong' });
    const controller = new AbortController();
    const words = sharedWords();
    const aborted = failureOf(pool.map(shared.sleepWithFinally, [words], { signal: controller.signal }).next());
    await reported(words);
    controller.abort();
    expect(await aborted).toBeInstanceOf(CancelledError);
    await until(() => pool.stats().inFlight === 0 && closed === 1, 'nothing in flight');
  });
});

describe('broadcast', () => {
  test('runs once on every loop, and gives a record for each', async () => {
    await using pool = new LoopPool({ size: 2, name: 'all' });
    const records = await pool.broadcast(place.where());
    expect(records.map(({ value }) => value?.name)).toEqual(['all-1', 'all-2']);
    const failed = await pool.broadcast(faulty.fail('everywhere'));
    expect(failed.map(({ reason }) => (reason as Error).message)).toEqual(['everywhere', 'everywhere']);
  });

  test('later: true runs it first on loops that start later, too', async () => {
    await using pool = new LoopPool({ size: 1, name: 'late' });
    expect(await pool.broadcast(place.remember(41), { later: true })).toHaveLength(1);
    await pool.run(faulty.exit(1)).catch(() => {});
    expect(await pool.run(place.remember(1))).toBe(42);
  });
});

describe('close', () => {
  test('drain runs what waits, and takes nothing more', async () => {
    const { pool, blocker, words } = await blockedPool();
    const waiting = Array.from({ length: 10 }, (_, i) => pool.run(basic.add(i, 0)));
    const closed = pool.close();
    expect([pool.state, pool.isClosed]).toEqual(['closing', true]);
    expect(await failureOf(pool.run(basic.add(1, 1)))).toBeInstanceOf(LoopClosedError);
    openGate(words);
    await closed;
    expect(await blocker).toBe('released');
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect(pool.stats()).toMatchObject({ state: 'closed', loops: 0, inFlight: 0 });
    await pool.close();
  });

  test('cancel drops what waits and cancels what runs', async () => {
    const pool = new LoopPool({ size: 1, concurrency: 1 });
    const words = sharedWords();
    const running = pool.run(shared.sleepWithFinally(words));
    await reported(words);
    const waiting = pool.run(basic.add(1, 1));
    await pool.close({ mode: 'cancel' });
    expect([running.state, waiting.state, words[0]]).toEqual(['cancelled', 'cancelled', 1001]);
  });

  test('terminate ends blocked threads; beyond the grace of a drain they are ended, too', async () => {
    const { pool, blocker } = await blockedPool();
    const waiting = pool.run(basic.add(1, 1));
    await pool.close({ mode: 'terminate' });
    expect([blocker.state, waiting.state, pool.state]).toEqual(['failed', 'failed', 'closed']);
    const second = await blockedPool();
    const late = second.pool.run(basic.add(1, 1));
    const error = await failureOf(second.pool.close({ graceMs: 20 }));
    expect(error).toMatchObject({ code: 'OFFLOOP_CLOSE_TIMEOUT', unsettled: ['blockAtGate'] });
    expect(late.state).toBe('cancelled');
    expect(second.blocker.done).toBe(true);
  });
});

describe('the size', () => {
  test('grows under load up to max, and shrinks to min when there is nothing to do', async () => {
    await using pool = new LoopPool({ min: 1, max: 2, idleTimeout: 50 });
    const words = sharedWords();
    const blockers = [1, 2, 3].map(() => pool.run(shared.blockAtGate(words)));
    await reported(words, 2);
    expect(pool.stats()).toMatchObject({ loops: 2, waiting: 1, inFlight: 2 });
    openGate(words);
    expect(await Promise.all(blockers)).toHaveLength(3);
    await until(() => pool.stats().loops === 1, 'one loop');
    expect(await pool.run(basic.add(1, 1))).toBe(2);
  });

  test('maxJobsPerLoop: a loop is replaced after so many calls, and none is lost', async () => {
    await using pool = new LoopPool({ size: 1, name: 'fresh', maxJobsPerLoop: 10 });
    const names = await Promise.all(Array.from({ length: 35 }, () => pool.run(place.where())));
    const counts = new Map<string, number>();
    for (const { name } of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    // Where the machine stands still, a call is taken back and given to the next one.
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(10);
    expect([...counts.keys()].toSorted().slice(0, 4)).toEqual(['fresh-1', 'fresh-2', 'fresh-3', 'fresh-4']);
    await until(() => pool.stats().loops === 1, 'one loop');
    expect(pool.stats().restarts).toBe(0);
  });
});

describe('affinity and priority', () => {
  test('one key stays on one loop, in order, and finds another when that is gone', async () => {
    await using pool = new LoopPool({ size: 2 });
    const affinity = { customer: 7 };
    const words = sharedWords(64);
    const where = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        void pool.run(basic.fib(15));
        await pool.run(shared.append(words, i), { affinity });
        return pool.run(place.where(), { affinity });
      }),
    );
    expect(new Set(where.map(({ name }) => name)).size).toBe(1);
    expect([...words.subarray(1, 41)]).toEqual(Array.from({ length: 40 }, (_, i) => i));
    await pool.run(faulty.exit(1), { affinity }).catch(() => {});
    const next = await Promise.all([1, 2, 3].map(() => pool.run(place.where(), { affinity })));
    expect(new Set(next.map(({ name }) => name)).size).toBe(1);
    expect(next[0]?.name).not.toBe(where[0]?.name);
  });

  test('a call of higher priority leaves the line first', async () => {
    const { pool, words } = await blockedPool({ concurrency: 1 });
    const list = sharedWords();
    const calls = [0, -1, 5].map((priority, i) => pool.run(shared.append(list, i), { priority }));
    openGate(words);
    await Promise.all(calls);
    expect([...list]).toEqual([3, 2, 0, 1]);
    await pool.close();
  });
});
