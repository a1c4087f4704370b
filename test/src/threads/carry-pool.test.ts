// What is carried on a pool, and carry() itself; the lanes are in carry.test.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';

import { carry, getRunningLoop, LoopPool, NotCloneableError, WorkerLoop, type ErrorContext } from 'offloop';
import { describe, expect, expectTypeOf, test } from 'vitest';

import { trace, type Trace } from '../jobs/carried.js';
import { as, carried as jobs, collect } from './carry-support.js';
import { basic, failureOf, openGate, reported, shared, sharedWords, thrownBy } from './support.js';

describe('on a pool', () => {
  test('a call carries what was there when it was made, not when it left the line', async () => {
    await using pool = new LoopPool({ size: 1, concurrency: 1 });
    const words = sharedWords();
    const blocker = as('blocker', () => pool.run(shared.blockAtGate(words)));
    await reported(words);
    const calls = ['a', undefined, 'b'].map((id) =>
      id === undefined ? pool.run(jobs.id()) : as(id, () => pool.run(jobs.id())),
    );
    const stream = as('s', () => pool.run(jobs.steps(3)));
    openGate(words);
    expect(await blocker).toBe('released');
    expect(await Promise.all(calls)).toEqual(['a', undefined, 'b']);
    expect(await as('consumer', () => collect(stream))).toEqual([
      ['s', 's'],
      ['s', 's'],
      ['s', 's'],
    ]);
  });

  test('map, broadcast, runInExecutor and the default executor carry it', async () => {
    await using pool = new LoopPool({ size: 2 });
    const mapped = as('map', () => pool.map((_: number) => jobs.id(), [1, 2, 3, 4, 5, 6, 7]));
    expect(new Set(await as('consumer', () => collect(mapped)))).toEqual(new Set(['map']));
    const records = await as('broadcast', () => pool.broadcast(jobs.id()));
    expect(records.map(({ value }) => value)).toEqual(['broadcast', 'broadcast']);
    expect(await as('null', () => getRunningLoop().runInExecutor(null, jobs.id()))).toBe('null');
    expect(await as('pool', () => getRunningLoop().runInExecutor(pool, jobs.id()))).toBe('pool');
    expect(await as('default', async () => jobs.id())).toBe('default');
    expect(await as('awaited', async () => [await jobs.id(), await jobs.id()])).toEqual(['awaited', 'awaited']);
  });

  test('a call that runs again after a crash carries the same', async () => {
    await using pool = new LoopPool({ size: 1, restart: { intensity: 9 } });
    const words = sharedWords();
    const call = as('again', () => pool.run(jobs.crashOnce(words), { idempotent: true }));
    expect(await call).toBe('again');
  });

  test('a failure is told with what it carried, and what cannot be carried fails its call', async () => {
    await using pool = new LoopPool({ size: 1, name: 'pool' });
    const told = once(pool, 'error');
    as('pool', () => pool.run(jobs.fail('forgotten')));
    expect(((await told) as [Error, ErrorContext])[1]).toEqual({
      origin: 'future',
      loop: 'pool',
      job: 'fail',
      carried: { trace: { id: 'pool' } },
    });
    const bad = { id: 'bad', extra: () => {} };
    expect(await trace.run(bad, () => failureOf(pool.run(jobs.id())))).toBeInstanceOf(NotCloneableError);
    const mapped = trace.run(bad, () => pool.map((_: number) => jobs.id(), [1, 2]));
    expect(await failureOf(collect(mapped))).toBeInstanceOf(NotCloneableError);
    const [record] = await trace.run(bad, () => pool.broadcast(jobs.id()));
    expect(record?.reason).toBeInstanceOf(NotCloneableError);
    expect(await as('good', () => pool.run(jobs.id()))).toBe('good');
  });
});

describe('carry', () => {
  test('is undone by a call and by using; a name is taken until then', async () => {
    await using loop = new WorkerLoop();
    let asked = 0;
    const carrier = { name: 'counted', get: (): number => ++asked, run: <R>(_: number, fn: () => R): R => fn() };
    {
      using _ = carry(carrier);
      expect(thrownBy(() => carry({ ...carrier }))).toMatchObject({
        code: 'OFFLOOP_INVALID_ARGUMENT',
        message: expect.stringContaining("a carrier named 'counted' already") as unknown,
      });
      await loop.run(basic.add(1, 1));
      loop.callSoonThreadsafe(jobs.note);
      expect(asked).toBe(2);
    }
    await loop.run(basic.add(1, 1));
    expect(asked).toBe(2);
    const undo = carry(carrier);
    undo();
    undo();
    await loop.run(basic.add(1, 1));
    expect(asked).toBe(2);
  });

  test('in a setup puts things in place for the jobs of a loop', async () => {
    await using loop = new WorkerLoop({ setup: jobs.carryGlobally() });
    const place = new AsyncLocalStorage<string>();
    using _ = carry({ name: 'global', get: () => place.getStore(), run: (_value, fn) => fn() });
    expect(await place.run('everywhere', () => loop.run(jobs.global()))).toBe('everywhere');
    expect(await loop.run(jobs.global())).toBeUndefined();
  });

  test('refuses what is no carrier, with the value and what it takes', () => {
    const carrier = { name: 'x', get: () => 1, run: <R>(_: number, fn: () => R): R => fn() };
    for (const [value, message] of [
      [undefined, /what carry takes must be an object; got undefined/],
      [{ ...carrier, name: '' }, /the name of a carrier must be a string that is not empty; got ''/],
      [{ ...carrier, get: 1 }, /get of carrier 'x' must be a function; got 1/],
      [{ ...carrier, run: undefined }, /run of carrier 'x' must be a function; got undefined/],
    ] as const) {
      expect(thrownBy(() => carry(value as unknown as typeof carrier))).toMatchObject({
        code: 'OFFLOOP_INVALID_ARGUMENT',
        message: expect.stringMatching(message) as unknown,
      });
    }
  });

  test('types what travels by what is got', () => {
    const storage = new AsyncLocalStorage<Trace>();
    using carrying = carry({
      name: 'typed',
      get: () => storage.getStore(),
      run(value, fn) {
        expectTypeOf(value).toEqualTypeOf<Trace>();
        return storage.run(value, fn);
      },
    });
    expectTypeOf(carrying).toExtend<Disposable>();
    expectTypeOf(carrying).toExtend<() => void>();
  });
});
