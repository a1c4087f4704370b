import fc from 'fast-check';
import {
  CancelledError,
  createTask,
  type Future,
  InvalidStateError,
  Queue,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  waitFor,
} from 'offloop';
import { expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { nextTurn } from './uncaught.ts';

test('items come out in the order in which they went in', async () => {
  const queue = new Queue<number>();
  for (const item of [1, 2, 3]) await queue.put(item);
  expect([await queue.get(), queue.getNowait(), await queue.get()]).toEqual([1, 2, 3]);
  expect(() => queue.getNowait()).toThrow(QueueEmptyError);
});

test('a full queue refuses putNowait and lets put wait for room', async () => {
  const queue = new Queue<number>({ maxSize: 1 });
  queue.putNowait(1);
  expect(() => queue.putNowait(2)).toThrow(QueueFullError);
  const put = queue.put(2);
  expect(put.done).toBe(false);
  expect(await queue.get()).toBe(1);
  await put;
  expect(await queue.get()).toBe(2);
});

test('a getter that was cancelled takes no item', async () => {
  const queue = new Queue<number>();
  const [first, second] = [queue.get(), queue.get()];
  expect(first.cancel()).toBe(true);
  queue.putNowait(1);
  expect(await second).toBe(1);
  await expect(first).rejects.toBeInstanceOf(CancelledError);
});

test('a putter that was cancelled puts nothing in, and the next one gets its room', async () => {
  const queue = new Queue<number>({ maxSize: 1 });
  queue.putNowait(1);
  const [second, third] = [queue.put(2), queue.put(3)];
  second.cancel();
  expect([await queue.get(), await queue.get()]).toEqual([1, 3]);
  await third;
  await expect(second).rejects.toBeInstanceOf(CancelledError);
});

test('a task that is cancelled after its item was handed over has the item, or leaves it: it is not lost', async () => {
  const queue = new Queue<number>();
  const got: number[] = [];
  const task = createTask(async () => got.push(await queue.get()));
  await nextTurn();
  queue.putNowait(1);
  task.cancel();
  await task.catch(() => {});
  expect([...got, ...(queue.size > 0 ? [queue.getNowait()] : [])]).toEqual([1]);
});

test('getters that gave up do not pile up while nothing is put in', async () => {
  const queue = new Queue<number>();
  const refs: WeakRef<Future<number>>[] = [];
  for (let round = 0; round < 20; round++) {
    const getter = queue.get();
    refs.push(new WeakRef(getter));
    await waitFor(getter, 0).catch(() => {});
  }
  await nextTurn();
  collect();
  await nextTurn();
  expect(refs.filter((each) => each.deref() !== undefined).length).toBeLessThan(5);
  queue.putNowait(1);
  expect(queue.size).toBe(1);
});

test('join waits until every item is told done', async () => {
  const queue = new Queue<number>();
  await queue.join();
  for (const item of [1, 2]) queue.putNowait(item);
  const joined = queue.join();
  await queue.get();
  queue.taskDone();
  expect(joined.done).toBe(false);
  await queue.get();
  queue.taskDone();
  await joined;
  expect(() => queue.taskDone()).toThrow(InvalidStateError);
});

test('after shutdown puts fail, gets take what is left and then fail, and an iteration ends', async () => {
  const queue = new Queue<number>({ maxSize: 2 });
  for (const item of [1, 2]) queue.putNowait(item);
  const waiting = queue.put(3);
  queue.shutdown();
  expect(queue.isShutDown).toBe(true);
  await expect(waiting).rejects.toBeInstanceOf(QueueShutDownError);
  await expect(queue.put(4)).rejects.toBeInstanceOf(QueueShutDownError);
  expect(() => queue.putNowait(4)).toThrow(QueueShutDownError);
  const items: number[] = [];
  for await (const item of queue) items.push(item);
  expect(items).toEqual([1, 2]);
  expect(() => queue.getNowait()).toThrow(QueueShutDownError);
});

test('an immediate shutdown drops the items, wakes who waits for some, and unblocks join', async () => {
  const queue = new Queue<number>();
  for (const item of [1, 2]) queue.putNowait(item);
  queue.getNowait();
  const joined = queue.join();
  queue.shutdown({ immediate: true });
  expect(queue.size).toBe(0);
  expect(joined.done).toBe(false);
  queue.taskDone();
  await joined;
  const empty = new Queue<number>();
  const getter = empty.get();
  empty.shutdown();
  await expect(getter).rejects.toBeInstanceOf(QueueShutDownError);
});

test('the limit of a queue must be a whole number above zero', () => {
  for (const maxSize of [0, -1, 1.5, '2' as unknown as number])
    expect(() => new Queue({ maxSize })).toThrow('option maxSize of Queue');
});

test('whatever order of puts, gets and cancels: no item is lost, doubled or reordered, and the limit holds', async () => {
  const step = fc.tuple(
    fc.constantFrom('put', 'put', 'putNowait', 'get', 'get', 'getNowait', 'cancelGet', 'cancelPut'),
    fc.nat(20),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 60, size: 'max' }),
      async (maxSize, steps) => {
        const queue = new Queue<number>({ maxSize });
        // The model: what is held, and who waits; items in the order in which they must come out.
        let held: number[] = [];
        let getters: Future<number>[] = [];
        let putters: { readonly item: number; readonly future: Future<void> }[] = [];
        const expected = new Map<Future<number>, number>();
        let next = 0;
        const accept = (item: number): void => {
          const getter = getters.shift();
          if (getter === undefined) held.push(item);
          else expected.set(getter, item);
        };
        const take = (): number | undefined => {
          const item = held.shift();
          const putter = item === undefined ? undefined : putters.shift();
          if (putter !== undefined) accept(putter.item);
          return item;
        };
        for (const [what, at] of steps) {
          const item = next++;
          if (what === 'putNowait' && held.length >= maxSize)
            expect(() => queue.putNowait(item)).toThrow(QueueFullError);
          else if (what === 'putNowait') {
            queue.putNowait(item);
            accept(item);
          } else if (what === 'put') {
            const future = queue.put(item);
            expect(future.done).toBe(held.length < maxSize);
            if (future.done) accept(item);
            else putters.push({ item, future });
          } else if (what === 'getNowait' && held.length === 0)
            expect(() => queue.getNowait()).toThrow(QueueEmptyError);
          else if (what === 'getNowait') expect(queue.getNowait()).toBe(take());
          else if (what === 'get') {
            const getter = queue.get();
            const taken = take();
            if (taken === undefined) getters.push(getter);
            else expected.set(getter, taken);
          } else if (what === 'cancelGet' && getters.length > 0) {
            const getter = getters[at % getters.length];
            expect(getter?.cancel()).toBe(true);
            getters = getters.filter((each) => each !== getter);
          } else if (what === 'cancelPut' && putters.length > 0) {
            const putter = putters[at % putters.length];
            expect(putter?.future.cancel()).toBe(true);
            putters = putters.filter((each) => each !== putter);
          }
          expect(queue.size).toBe(held.length);
          expect(held.length).toBeLessThanOrEqual(maxSize);
        }
        for (const [getter, item] of expected) expect(getter.result()).toBe(item);
        for (const getter of getters) expect(getter.done).toBe(false);
        held = [...held, ...putters.map(({ item }) => item)];
        const rest: number[] = [];
        while (queue.size > 0) rest.push(await queue.get());
        expect(rest).toEqual(held);
      },
    ),
    { numRuns: 300 },
  );
});
