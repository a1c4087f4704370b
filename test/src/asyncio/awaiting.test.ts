import { AsyncLocalStorage } from 'node:async_hooks';

import { Future } from 'offloop-internal/index.js';
import { markRemote } from 'offloop-internal/base/stacks.js';
import { describe, expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { nextTurn, unhandled } from './uncaught.ts';

const values = [1, 2, 3, 4, 5, 6];

describe('order', () => {
  test('who awaits hears in the order in which the futures settled, failures among results included', async () => {
    const heard: number[] = [];
    const futures = values.map(() => Future.withResolvers<number>());
    const awaits = async (future: Future<number>, index: number): Promise<void> => {
      await future.catch(() => {});
      heard.push(index);
    };
    const bare = async (future: Future<number>, index: number): Promise<void> => {
      try {
        await future;
      } catch {
      } finally {
        heard.push(index);
      }
    };
    const all = futures.flatMap(({ future }, index) => [bare(future, index), awaits(future, index + 10)]);
    await null;
    for (const index of [3, 5, 0]) settle(futures[index], index);
    queueMicrotask(() => settle(futures[4], 4));
    queueMicrotask(() => queueMicrotask(() => settle(futures[1], 1)));
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => settle(futures[2], 2))));
    await Promise.all(all);
    expect(heard.filter((each) => each < 10)).toEqual([3, 5, 0, 4, 1, 2]);
    expect(heard.filter((each) => each >= 10)).toEqual([13, 15, 10, 14, 11, 12]);
  });

  test('who awaits a result that is there does not overtake a failure from before', async () => {
    const heard: string[] = [];
    const [failing, done] = [Future.withResolvers<number>(), Future.withResolvers<number>()];
    const first = failing.future.catch(() => heard.push('failure'));
    failing.reject(new Error('failed'));
    done.resolve(1);
    const second = done.future.then(() => heard.push('result'));
    await Promise.all([first, second]);
    expect(heard).toEqual(['failure', 'result']);
  });

  test('a result is heard one microtask after the future settled', async () => {
    const { future, resolve } = Future.withResolvers<number>();
    const heard: string[] = [];
    const awaits = future.then(() => heard.push('result'));
    await null;
    resolve(1);
    expect(heard).toEqual([]);
    queueMicrotask(() => heard.push('microtask'));
    await awaits;
    expect(heard).toEqual(['result', 'microtask']);
  });

  test('those who await one future hear in the order in which they came, and none synchronously', async () => {
    const { future, resolve } = Future.withResolvers<number>();
    const heard: number[] = [];
    const all = values.map((each) => future.then(() => heard.push(each)));
    resolve(1);
    all.push(future.then(() => heard.push(7)));
    expect(heard).toEqual([]);
    await Promise.all(all);
    expect(heard).toEqual([...values, 7]);
  });
});

describe('what then() returns', () => {
  const whenever = { before: false, after: true };
  for (const [name, settledFirst] of Object.entries(whenever)) {
    test(`is a promise like any other, of a future that settled ${name === 'after' ? 'before' : 'later'}`, async () => {
      const [done, failed] = [Future.withResolvers<number>(), Future.withResolvers<number>()];
      const error = new Error('failed');
      const settleAll = (): void => {
        done.resolve(1);
        failed.reject(error);
      };
      if (settledFirst) settleAll();
      const thrown = new RangeError('thrown by a callback');
      const throws = (): never => {
        throw thrown;
      };
      const thenable = { then: (tell: (value: string) => void) => tell('adopted') };
      const promises: Promise<unknown>[] = [
        done.future.then((value) => value + 1),
        done.future.then(() => thenable as PromiseLike<string>),
        done.future.then(throws),
        done.future.then(),
        failed.future.then(throws),
        failed.future.then(throws, (reason) => (reason === error ? 'caught' : 'another')),
        failed.future.then(undefined, throws),
      ];
      for (const each of promises) expect(Object.getPrototypeOf(each)).toBe(Promise.prototype);
      if (!settledFirst) settleAll();
      const outcomes = (await Promise.allSettled(promises)).map((each) =>
        each.status === 'fulfilled' ? each.value : each.reason,
      );
      expect(outcomes).toEqual([2, 'adopted', thrown, 1, error, 'caught', thrown]);
    });
  }

  test('is an unhandled rejection where a callback throws and nobody listens', async () => {
    const { future, resolve } = Future.withResolvers<number>();
    const error = new Error('thrown by a callback');
    void future.then(() => {
      throw error;
    });
    const reason = unhandled();
    resolve(1);
    expect(await reason).toBe(error);
  });

  test('is an unhandled rejection where the future fails and nobody listens', async () => {
    const { future, reject } = Future.withResolvers<number>();
    const error = new Error('failed');
    void future.then(() => {});
    const reason = unhandled();
    reject(error);
    expect(await reason).toBe(error);
  });

  test('leaves no unhandled rejection behind where somebody listens', async () => {
    const seen: unknown[] = [];
    const note = (reason: unknown): void => void seen.push(reason);
    process.on('unhandledRejection', note).on('rejectionHandled', note);
    try {
      const { future, reject } = Future.withResolvers<number>();
      const before = [future.catch(() => 'caught'), future.catch(() => 'caught')];
      reject(new Error('failed'));
      expect(await Promise.all([...before, future.catch(() => 'caught')])).toEqual(['caught', 'caught', 'caught']);
      await nextTurn();
      await nextTurn();
    } finally {
      process.off('unhandledRejection', note).off('rejectionHandled', note);
    }
    expect(seen).toEqual([]);
  });

  test('has the result behind a result that is a promise', async () => {
    const { future, resolve } = Future.withResolvers<unknown>();
    const before = future.then((value) => value);
    resolve(Promise.resolve('inner'));
    expect([await before, await future]).toEqual(['inner', 'inner']);
  });
});

test('callbacks and awaiting code run in the context of who called then(), not of who settles', async () => {
  const request = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const note = (): void => void seen.push(request.getStore());
  const [done, failed] = [Future.withResolvers<number>(), Future.withResolvers<number>()];
  const ask = (): Promise<unknown> =>
    request.run('asks', () => {
      const awaits = async (future: Future<number>): Promise<void> => {
        await future.catch(() => {});
        await Promise.resolve(future).catch(() => {});
        note();
      };
      return Promise.all([
        done.future.then(note),
        failed.future.catch(note),
        awaits(done.future),
        awaits(failed.future),
      ]);
    });
  const before = ask();
  await null;
  request.run('settles', () => {
    done.resolve(1);
    failed.reject(new Error('failed'));
  });
  await before;
  await request.run('another', ask);
  expect(seen).toEqual(Array.from({ length: 8 }, () => 'asks'));
});

describe('the stack of an error from another thread', () => {
  async function first(future: Future<number>): Promise<unknown> {
    return await future;
  }
  async function second(future: Future<number>): Promise<unknown> {
    return await future;
  }

  /** Frames below 'awaited from', of an error that several await. */
  async function joined(settledFirst: boolean): Promise<string[]> {
    const { future, reject } = Future.withResolvers<number>();
    const error = markRemote(new Error('remote'));
    if (settledFirst) reject(error);
    const awaits = [first(future).catch(() => {}), second(future).catch(() => {})];
    await null;
    await null;
    if (!settledFirst) reject(error);
    await Promise.all(awaits);
    return (error.stack ?? '').split('--- awaited from ---').slice(1);
  }

  for (const settledFirst of [false, true]) {
    const when = settledFirst ? 'after' : 'before';
    test(`has the frames of the first of several who awaited ${when} it failed`, async () => {
      const parts = await joined(settledFirst);
      expect(parts).toHaveLength(1);
      expect(parts[0]).toMatch(/at (async )?first /);
      expect(parts[0]).not.toMatch(/second/);
    });
  }

  test('has them also where an AsyncLocalStorage is in use', async () => {
    const parts = await new AsyncLocalStorage<number>().run(1, () => joined(false));
    expect(parts[0]).toMatch(/at (async )?first /);
  });
});

test('a result that was awaited is kept by nobody but its user', async () => {
  const awaitOne = async (): Promise<WeakRef<object>> => {
    const { future, resolve } = Future.withResolvers<object>();
    const awaits = (async () => new WeakRef(await future))();
    await null;
    resolve({ large: true });
    return awaits;
  };
  const ref = await awaitOne();
  await nextTurn();
  collect();
  expect(ref.deref()).toBeUndefined();
});

/** Odd ones fail. */
function settle(ends: ReturnType<typeof Future.withResolvers<number>> | undefined, index: number): void {
  if (index % 2 === 1) ends?.reject(new Error(`failed ${index}`));
  else ends?.resolve(index);
}
