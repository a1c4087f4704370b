import {
  CancelledError,
  createTask,
  Future,
  gather,
  InvalidArgumentError,
  shield,
  sleep,
  TimeoutError,
  wait,
  waitFor,
} from 'offloop';
import { expect, test } from 'vitest';

import { nextTurn, unhandled as rejectedUnhandled } from './uncaught.ts';

const forever = 1e9;

function futures(
  count: number,
): { future: Future<number>; resolve: (value: number) => void; reject: (error: unknown) => void }[] {
  return Array.from({ length: count }, () => Future.withResolvers<number>());
}

/** Work that does not let itself be cancelled. */
class Stubborn extends Future<number> {
  protected override requestCancel(): boolean {
    return false;
  }

  end(value: number): void {
    this.settleDone(value);
  }
}

test('gather gives the results in the order of the list, duplicates repeated, and [] for none at once', async () => {
  const [a, b] = futures(2);
  const all = gather([
    a?.future,
    b?.future,
    a?.future,
    Promise.resolve('promise'),
  ] as const as readonly Future<number>[]);
  b?.resolve(2);
  a?.resolve(1);
  expect(await all).toEqual([1, 2, 1, 'promise']);
  const none = gather([]);
  expect(none.done).toBe(true);
  expect(none.result()).toEqual([]);
});

test('gather rejects with the first failure at once; the siblings go on and their errors are not reported', async () => {
  const [a, b, c] = futures(3);
  const all = gather([a, b, c].map((each) => each?.future as Future<number>));
  b?.reject(new Error('first'));
  expect(all.state).toBe('failed');
  expect(a?.future.state).toBe('pending');
  c?.reject(new Error('second'));
  a?.resolve(1);
  await expect(all).rejects.toThrow('first');
  await nextTurn();
});

test('a child of gather that is cancelled by itself fails the gathering, which is not cancelled', async () => {
  const [a, b] = futures(2);
  const all = gather([a?.future, b?.future] as Future<number>[]);
  a?.future.cancel();
  await expect(all).rejects.toBeInstanceOf(CancelledError);
  expect([all.state, b?.future.state]).toEqual(['failed', 'pending']);
});

test('with returnExceptions errors and cancels stand in the list', async () => {
  const [a, b, c] = futures(3);
  const all = gather(
    [a, b, c].map((each) => each?.future as Future<number>),
    { returnExceptions: true },
  );
  a?.reject('thrown');
  b?.future.cancel();
  c?.resolve(3);
  expect(await all).toEqual(['thrown', expect.any(CancelledError), 3]);
});

test('cancelling a gathering cancels every unfinished child, and is refused once it is over', async () => {
  const [a, b, c] = futures(3);
  c?.resolve(3);
  const list = [a, b, c].map((each) => each?.future as Future<number>);
  for (const returnExceptions of [true, false] as const) {
    const all = gather(list, { returnExceptions });
    expect(all.cancel('why')).toBe(returnExceptions);
    if (returnExceptions) await expect(all).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
    else all.exception();
    expect(all.cancelled).toBe(returnExceptions);
    expect(all.cancel()).toBe(false);
  }
  expect(list.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'done']);
});

test('a gathering whose cancel every child refuses is not cancelled', async () => {
  const child = new Stubborn();
  const all = gather([child]);
  expect(all.cancel()).toBe(false);
  child.end(1);
  expect(all.state).toBe('done');
  expect(await all).toEqual([1]);
});

test('wait gives two sets of the futures themselves, throws no child error and cancels nothing', async () => {
  const [a, b, c] = futures(3);
  const list = [a, b, c].map((each) => each?.future as Future<number>);
  const first = wait(list, { returnWhen: 'firstCompleted' });
  a?.future.cancel();
  const { done, pending } = await first;
  expect([[...done], [...pending]]).toEqual([[list[0]], [list[1], list[2]]]);
  const failing = wait(list, { returnWhen: 'firstException' });
  b?.reject(new Error('failed'));
  expect(list[1]?.exception()).toMatchObject({ message: 'failed' });
  expect((await failing).pending).toEqual(new Set([list[2]]));
  const all = wait(list);
  c?.resolve(1);
  expect((await all).done.size).toBe(3);
});

test('wait for the first exception ignores cancelled children', async () => {
  const [a, b] = futures(2);
  const waiting = wait([a?.future, b?.future] as Future<number>[], { returnWhen: 'firstException' });
  a?.future.cancel();
  expect(waiting.done).toBe(false);
  b?.resolve(1);
  expect((await waiting).done.size).toBe(2);
});

test('wait with a timeout returns what is done by then; cancelling it leaves the children alone', async () => {
  const [a, b] = futures(2);
  const list = [a?.future, b?.future] as Future<number>[];
  a?.resolve(1);
  const { done, pending } = await wait(list, { timeout: 1 });
  expect([done.size, pending.size]).toEqual([1, 1]);
  const waiting = wait(list);
  expect(waiting.cancel()).toBe(true);
  expect(b?.future.state).toBe('pending');
});

test('combinators refuse what is not awaitable before they schedule anything', () => {
  expect(() => wait([])).toThrow('the list is empty');
  expect(() => gather(5 as unknown as [])).toThrow(InvalidArgumentError);
  expect(() => gather([sleep(1), 3 as unknown as Future<number>])).toThrow('item 1 of gather must be');
  expect(() => wait([sleep(0)], { returnWhen: 'sometime' as 'allCompleted' })).toThrow('firstCompleted');
});

test('waitFor gives the result in time, and the error of the work', async () => {
  expect(await waitFor(sleep(1, 'value'), forever)).toBe('value');
  await expect(waitFor(Promise.reject(new RangeError('own')), 1000)).rejects.toThrow(RangeError);
});

test('waitFor cancels the work at its timeout and waits for its cleanup before it throws', async () => {
  const steps: string[] = [];
  const task = createTask(async () => {
    try {
      await sleep(forever);
    } finally {
      await sleep(5);
      steps.push('cleaned');
    }
  });
  await expect(waitFor(task, 1)).rejects.toBeInstanceOf(TimeoutError);
  expect([steps, task.cancelled]).toEqual([['cleaned'], true]);
});

test('work that refuses the cancel of waitFor has its value, and an error while cleaning up is what is thrown', async () => {
  const stubborn = createTask(async () => await sleep(forever).catch(() => 42));
  expect(await waitFor(stubborn, 1)).toBe(42);
  const failing = createTask(
    async () => await sleep(forever).finally(() => Promise.reject(new RangeError('cleanup')) as unknown as void),
  );
  await expect(waitFor(failing, 1)).rejects.toThrow('cleanup');
});

test('waitFor with 0 milliseconds never starts a task, but takes a result that is there', async () => {
  let ran = false;
  await expect(
    waitFor(
      createTask(() => (ran = true)),
      0,
    ),
  ).rejects.toBeInstanceOf(TimeoutError);
  expect(ran).toBe(false);
  const { future, resolve } = Future.withResolvers<number>();
  resolve(1);
  expect(await waitFor(future, 0)).toBe(1);
});

test('cancelling waitFor cancels the work, and then it is no timeout', async () => {
  const work = sleep(forever);
  const waiting = waitFor(work, forever);
  expect(waiting.cancel('why')).toBe(true);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
  expect(work.cancelled).toBe(true);
});

test('cancelling a shield leaves the work running; cancelling the work cancels the shield', async () => {
  const [a, b] = futures(2);
  const shielded = shield(a?.future as Future<number>);
  shielded.cancel();
  a?.resolve(1);
  expect([shielded.state, await a?.future]).toEqual(['cancelled', 1]);
  const other = shield(b?.future as Future<number>);
  b?.future.cancel();
  expect(other.cancelled).toBe(true);
});

test('a shield of finished work is that work', () => {
  const { future, resolve } = Future.withResolvers<number>();
  resolve(1);
  expect(shield(future)).toBe(future);
});

test('work that fails after its shield was cancelled is an unhandled rejection, unless somebody else awaits it', async () => {
  const awaited = Future.withResolvers<number>();
  shield(awaited.future).cancel();
  awaited.reject(new Error('seen'));
  await expect(awaited.future).rejects.toThrow('seen');

  const { future, reject } = Future.withResolvers<number>();
  shield(future).cancel();
  const error = new Error('nobody is left');
  const unhandled = rejectedUnhandled();
  reject(error);
  expect(await unhandled).toBe(error);
});

test('sleep gives its value, refuses nonsense, and a cancel stops its timer', async () => {
  expect(await sleep(1, 'value')).toBe('value');
  for (const ms of [-1, NaN, '5' as unknown as number]) expect(() => sleep(ms)).toThrow(InvalidArgumentError);
  const before = timers();
  const sleeping = sleep(forever);
  expect(timers()).toBe(before + 1);
  sleeping.cancel();
  expect(timers()).toBe(before);
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
}
