import { inspect } from 'node:util';

import { CancelledError, Future, gather, InvalidArgumentError, InvalidStateError } from 'offloop-internal/index.js';
import { Future as InternalFuture } from 'offloop-internal/asyncio/future.js';
import { expect, test } from 'vitest';

import { nextTurn, thrownUncaught, unhandled } from './uncaught.ts';

/** A future whose work refuses to be cancelled. */
class Stubborn extends Future<number> {
  protected override requestCancel(): boolean {
    return false;
  }
}

test('the tests and the library share one copy of the code', () => {
  expect(InternalFuture).toBe(Future);
});

test('a future is pending, then done with its result', () => {
  const { future, resolve } = Future.withResolvers<number>();
  expect([future.state, future.done, future.cancelled]).toEqual(['pending', false, false]);
  resolve(42);
  expect([future.state, future.done, future.cancelled]).toEqual(['done', true, false]);
  expect(future.result()).toBe(42);
  expect(future.exception()).toBeUndefined();
});

test('result() and exception() of an unfinished future say that it is unfinished', () => {
  const { future } = Future.withResolvers<number>();
  expect(() => future.result()).toThrow(InvalidStateError);
  expect(() => future.result()).toThrow('Result is not set');
  expect(() => future.exception()).toThrow('Exception is not set');
});

test('a failed future throws its error from result() and gives it from exception()', () => {
  const { future, reject } = Future.withResolvers<number>();
  const error = new RangeError('failed');
  reject(error);
  expect(future.state).toBe('failed');
  expect(() => future.result()).toThrow(error);
  expect(future.exception()).toBe(error);
});

test('a cancelled future throws CancelledError from result() and exception(), with the reason as its cause', () => {
  const { future } = Future.withResolvers<number>();
  expect(future.cancel('a reason')).toBe(true);
  expect([future.state, future.done, future.cancelled]).toEqual(['cancelled', true, true]);
  for (const look of [() => future.result(), () => future.exception()]) {
    expect(look).toThrow(CancelledError);
    expect(look).toThrow(expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR', cause: 'a reason' }));
  }
});

test('the first settlement counts; later ones, and a cancel, change nothing', () => {
  const { future, resolve, reject } = Future.withResolvers<number>();
  resolve(1);
  resolve(2);
  reject(new Error('late'));
  expect(future.cancel()).toBe(false);
  expect(future.result()).toBe(1);
});

test('cancelling twice is refused the second time', () => {
  const { future } = Future.withResolvers<number>();
  expect([future.cancel(), future.cancel()]).toEqual([true, false]);
});

test('callbacks are called in the order added, with the future, once, and never synchronously', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  const calls: string[] = [];
  const note =
    (name: string) =>
    (f: Future<number>): void =>
      void calls.push(`${name} ${f === future} ${f.result()}`);
  future.addDoneCallback(note('first'));
  future.addDoneCallback(note('second'));
  resolve(7);
  future.addDoneCallback(note('late'));
  expect(calls).toEqual([]);
  await null;
  expect(calls).toEqual(['first true 7', 'second true 7', 'late true 7']);
  await nextTurn();
  expect(calls).toHaveLength(3);
});

test('a callback that is added after the end is called soon, not at once', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  resolve(1);
  let called = false;
  future.addDoneCallback(() => (called = true));
  expect(called).toBe(false);
  await null;
  expect(called).toBe(true);
});

test('removeDoneCallback removes every occurrence and returns how many there were', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  const calls: string[] = [];
  const twice = (): void => void calls.push('twice');
  future.addDoneCallback(twice);
  future.addDoneCallback(() => calls.push('other'));
  future.addDoneCallback(twice);
  expect(future.removeDoneCallback(twice)).toBe(2);
  expect(future.removeDoneCallback(twice)).toBe(0);
  resolve(1);
  await null;
  expect(calls).toEqual(['other']);
  expect(future.removeDoneCallback(twice)).toBe(0);
});

test('what a callback throws is an uncaught exception, and the callbacks after it still run', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  const calls: string[] = [];
  const error = new Error('thrown by a callback');
  future.addDoneCallback(() => {
    throw error;
  });
  future.addDoneCallback(() => calls.push('second'));
  const thrown = thrownUncaught();
  resolve(1);
  expect(await thrown).toBe(error);
  expect(calls).toEqual(['second']);
});

test('a callback must be a function', () => {
  const { future } = Future.withResolvers<number>();
  expect(() => future.addDoneCallback('callback' as unknown as () => void)).toThrow(InvalidArgumentError);
});

test('a future is awaited as a promise is, before and after its end', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  const before = future.then((value) => value + 1);
  resolve(1);
  expect([await before, await future, await future.finally()]).toEqual([2, 1, 1]);
  const failed = Future.withResolvers<number>();
  failed.reject(new Error('failed'));
  expect(await failed.future.catch((error: unknown) => (error as Error).message)).toBe('failed');
  await expect(failed.future).rejects.toThrow('failed');
  await expect(failed.future.finally(() => {})).rejects.toThrow('failed');
});

test('a future is no promise', () => {
  expect(Future.withResolvers<void>().future).not.toBeInstanceOf(Promise);
});

test('awaiting a cancelled future throws CancelledError', async () => {
  const { future } = Future.withResolvers<number>();
  const awaited = future.then();
  future.cancel();
  await expect(awaited).rejects.toBeInstanceOf(CancelledError);
});

test('the reason of a cancel that is a CancelledError is what is thrown', () => {
  const { future } = Future.withResolvers<number>();
  const reason = new CancelledError('own words');
  future.cancel(reason);
  expect(() => future.result()).toThrow(reason);
});

test('work may refuse a cancel', () => {
  const future = new Stubborn();
  expect(future.cancel()).toBe(false);
  expect(future.state).toBe('pending');
});

test('inspect shows the state, the outcome and the names of the callbacks', () => {
  const { future, resolve } = Future.withResolvers<number[]>();
  future.addDoneCallback(function report() {});
  future.addDoneCallback(() => {});
  expect(inspect(future)).toBe('<Future pending cb=[report, (anonymous)]>');
  resolve([1, 2]);
  expect(inspect(future)).toBe('<Future done result=[Array]>'.replace('[Array]', inspect([1, 2], { depth: 0 })));
  const failed = Future.withResolvers<void>();
  failed.reject(new RangeError('too far'));
  failed.future.exception();
  expect(inspect({ nested: failed.future })).toBe('{ nested: <Future failed exception=RangeError: too far> }');
  const cancelled = Future.withResolvers<void>().future;
  cancelled.cancel();
  expect(inspect(cancelled)).toBe('<Future cancelled>');
});

test('a failure that nobody looks at by the end of the turn is an unhandled rejection', async () => {
  const error = new Error('unseen');
  const reason = unhandled();
  Future.withResolvers<void>().reject(error);
  expect(await reason).toBe(error);
});

test('a failure that is awaited, read, gathered, or cancelled too late is not reported', async () => {
  const futures = Array.from({ length: 5 }, () => Future.withResolvers<void>());
  const [awaited, read, excepted, cancelled, gathered] = futures;
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on('unhandledRejection', note);
  try {
    for (const { reject } of futures) reject(new Error('looked at'));
    expect(cancelled?.future.cancel()).toBe(false);
    const group = gather([gathered?.future as Future<void>]).catch(() => {});
    const caught = awaited?.future.catch(() => {});
    expect(() => read?.future.result()).toThrow();
    excepted?.future.exception();
    await Promise.all([caught, group]);
    await nextTurn();
    await nextTurn();
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(seen).toHaveLength(0);
});
