// A pool whose loops end: what is lost, what runs again, and when it gives up.
import { once } from 'node:events';

import { jobModule, LoopCrashedError, LoopPool, move, PoolBrokenError } from 'offloop';
import { describe, expect, test } from 'vitest';

import {
  basic,
  failureOf,
  faulty,
  openGate,
  place,
  reported,
  runProgram,
  shared,
  sharedWords,
  thrownBy,
  until,
} from './support.ts';

const exitsAtLoad = jobModule<typeof import('../jobs/exits-at-load.js')>(
  new URL('../jobs/exits-at-load.js', import.meta.url),
);

/** One of ten in the full run, which takes minutes: OFFLOOP_SOAK=1. */
const killerOf = process.env['OFFLOOP_SOAK'] === '1' ? 10 : 200;

describe('row 13 in a pool: a job ends its thread', () => {
  test('it rejects with the exit code, its loop is replaced, and what had not begun there runs elsewhere', async () => {
    await using pool = new LoopPool({ size: 1, name: 'mended' });
    await pool.run(basic.add(1, 1));
    const restarted = once(pool, 'restart');
    const exiting = pool.run(faulty.exit(5));
    const others = Array.from({ length: 20 }, (_, i) => pool.run(basic.add(i, 0)));
    expect(await failureOf(exiting)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 5 });
    expect(await Promise.all(others)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await restarted).toMatchObject([{ loop: 'mended-1', error: { exitCode: 5 } }]);
    expect((await pool.run(place.where())).name).toBe('mended-2');
    expect(pool.stats()).toMatchObject({ state: 'running', loops: 1, restarts: 1, unhandled: 0 });
  });

  test('a neighbour that had begun rejects, an idempotent one runs again', async () => {
    await using pool = new LoopPool({ size: 1 });
    const words = sharedWords();
    const lost = pool.run(shared.waitAtGate(words));
    const again = pool.run(shared.waitAtGate(words), { idempotent: true });
    await reported(words, 2);
    void pool.run(faulty.exit(5)).catch(() => {});
    expect(await failureOf(lost)).toBeInstanceOf(LoopCrashedError);
    expect(again.done).toBe(false);
    await reported(words, 3);
    expect(again.state).toBe('running');
    openGate(words);
    expect(await again).toBe('released');
    expect(pool.stats().reruns).toBeGreaterThanOrEqual(1);
  });

  test('a stream that had not begun on the lost loop gives all its items from another', async () => {
    await using pool = new LoopPool({ size: 1, setup: faulty.failOnce(sharedWords()) });
    const items: number[] = [];
    for await (const item of pool.run(basic.countTo(100))) items.push(item);
    expect(items).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(pool.stats()).toMatchObject({ restarts: 1, reruns: 1 });
  });

  test('an idempotent one that ends its loop itself is not run for ever, and does not break the pool', async () => {
    await using pool = new LoopPool({ size: 1, restart: { backoffMs: 0 } });
    expect(await failureOf(pool.run(faulty.exit(5), { idempotent: true }))).toMatchObject({ exitCode: 5 });
    expect(await pool.run(basic.add(1, 1))).toBe(2);
    expect(pool.stats()).toMatchObject({ state: 'running', restarts: 4, reruns: 3 });
  });

  // Once its call was run for ever, and never settled: to the pool it had not begun.
  test('a call whose module ends its thread while it loads is not tried for ever, and does not break the pool', async () => {
    await using pool = new LoopPool({ size: 1, restart: { backoffMs: 0 } });
    const exiting = pool.run(exitsAtLoad.never());
    const behind = pool.run(basic.add(1, 1));
    expect(await failureOf(exiting)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 3 });
    expect(await behind).toBe(2);
    expect(pool.stats()).toMatchObject({ state: 'running', restarts: 4 });
  });

  test('what has moved cannot be sent again, so idempotent refuses it', async () => {
    await using pool = new LoopPool({ size: 1 });
    const bytes = new Uint8Array(8);
    expect(thrownBy(() => pool.run(place.sum(move(bytes)), { idempotent: true })).message).toMatch(
      /exclude each other/,
    );
    expect(bytes.byteLength).toBe(8);
    expect(await pool.run(place.sum(move(bytes)))).toBe(0);
    expect(bytes.byteLength).toBe(0);
  });

  test('an idempotent one that was cancelled meanwhile does not begin anew', async () => {
    await using pool = new LoopPool({ size: 1 });
    const words = sharedWords();
    const asked = pool.run(shared.never(words), { idempotent: true });
    await reported(words);
    expect(asked.cancel()).toBe(true);
    await pool.run(faulty.exit(5)).catch(() => {});
    await failureOf(asked);
    await pool.run(basic.add(1, 1));
    expect(words[0]).toBe(1);
  });

  test('a loop that a job stops is replaced, too, and the next calls run there', async () => {
    await using pool = new LoopPool({ size: 1, name: 'stopped' });
    expect(await pool.run(shared.stopOwnLoop())).toBe('stopped-1');
    await until(() => pool.stats().restarts === 1, 'a restart');
    expect((await pool.run(place.where())).name).toBe('stopped-2');
  });
});

describe('row 43: a crash loop', () => {
  test('above the intensity the pool is broken: all that was given to it rejects at once, and later calls too', async () => {
    await using pool = new LoopPool({ size: 2, name: 'poor', restart: { intensity: 2, backoffMs: 0 } });
    const broken = once(pool, 'broken');
    const words = sharedWords();
    const neighbour = pool.run(shared.never(words));
    await reported(words);
    const killers = Array.from({ length: 6 }, () => failureOf(pool.run(faulty.exit(3))));
    const error = await failureOf(neighbour);
    expect(error.constructor === PoolBrokenError || error.constructor === LoopCrashedError).toBe(true);
    const failures = await Promise.all(killers);
    expect(failures.at(-1)).toBeInstanceOf(PoolBrokenError);
    expect(failures.at(-1)).toMatchObject({
      code: 'OFFLOOP_POOL_BROKEN',
      message: expect.stringMatching(/pool 'poor' is broken.*more than 2 times in 10000 ms.*exit code 3/) as string,
      cause: { exitCode: 3 },
    });
    await broken;
    const late = pool.run(basic.add(1, 1));
    expect(late.state).toBe('failed');
    expect(await failureOf(late)).toBeInstanceOf(PoolBrokenError);
    expect(await failureOf(pool.ready())).toBeInstanceOf(PoolBrokenError);
    expect([pool.state, pool.isClosed]).toEqual(['broken', true]);
    await until(() => pool.stats().loops === 0, 'no thread left');
  });

  test('a setup that fails breaks it, and the calls that waited for it say why', async () => {
    const pool = new LoopPool({
      size: 1,
      setup: place.failSetUp('no database'),
      restart: { intensity: 2, backoffMs: 0 },
    });
    const error = await failureOf(pool.run(basic.add(1, 1)));
    expect(error).toBeInstanceOf(PoolBrokenError);
    expect(error.message).toMatch(/no database/);
    await pool.close();
  });

  test('temporary: the last loop that ends breaks it', async () => {
    await using pool = new LoopPool({ size: 1, restart: { policy: 'temporary' } });
    await failureOf(pool.run(faulty.exit(1)));
    expect(await failureOf(pool.run(basic.add(1, 1)))).toBeInstanceOf(PoolBrokenError);
  });

  test('a setup and a teardown run on every loop', async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const pool = new LoopPool({ size: 2, setup: place.setUp(7), teardown: place.tearDown(words) });
    const records = await pool.broadcast(place.remember(1));
    expect(records.map(({ value }) => value)).toEqual([8, 8]);
    await pool.close();
    expect(words[0]).toBe(2);
  });
});

describe('promise 6: a daemon pool, and a call that still waits in it', () => {
  test.each([
    ['awaited', 'main ends\nslept 100\n'],
    ['stream', 'main ends\nitem 1\nitem 2\n'],
    ['restarting', 'main ends\nslept 100\n'],
    ['alone', 'main ends\n'],
  ])('%s: it holds the process exactly when it is awaited', async (what, expected) => {
    const { code, stdout, stderr, ms } = await runProgram('pool-daemon', {
      args: [what],
      mark: 'main ends',
      withinMs: 1500,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expected, stderr: '' });
    expect(ms).toBeLessThan(1500);
  });
});

test(
  `10,000 jobs of which one in ${killerOf} ends its thread: all futures settle, idempotent ones succeed, the pool keeps its size`,
  { timeout: 300_000 },
  async () => {
    await using pool = new LoopPool({ size: 2, restart: { intensity: Infinity, backoffMs: 0 } });
    // A fixed sequence that looks like chance.
    let seed = 42;
    const chance = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    let killers = 0;
    const jobs = Array.from({ length: 10_000 }, (_, i) => {
      if (chance() < 1 / killerOf) {
        killers++;
        return { kind: 'killer', future: pool.run(faulty.exit(7)) };
      }
      if (chance() < 0.5) return { kind: 'idempotent', future: pool.run(basic.echo(i), { idempotent: true }) };
      return { kind: 'plain', future: pool.run(basic.echo(i)) };
    });
    const outcomes = await Promise.allSettled(jobs.map(({ future }) => future));
    const count = (kind: string, code?: string): number =>
      outcomes.filter((each, i) => {
        const found = each.status === 'fulfilled' ? undefined : (each.reason as { code: string }).code;
        return jobs[i]?.kind === kind && found === code;
      }).length;
    expect(killers).toBeGreaterThan(20);
    expect(count('killer', 'OFFLOOP_LOOP_CRASHED')).toBe(killers);
    expect(count('idempotent')).toBe(jobs.filter(({ kind }) => kind === 'idempotent').length);
    expect(count('plain') + count('plain', 'OFFLOOP_LOOP_CRASHED')).toBe(
      jobs.filter(({ kind }) => kind === 'plain').length,
    );
    await until(() => pool.stats().loops === 2, 'the size of the pool');
    expect(pool.stats()).toMatchObject({ state: 'running', waiting: 0, inFlight: 0, restarts: killers });
    expect((await pool.broadcast(basic.add(1, 1))).map(({ value }) => value)).toEqual([2, 2]);
  },
);
