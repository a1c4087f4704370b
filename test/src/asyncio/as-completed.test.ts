import { systemClock } from 'offloop-internal/base/clock.js';
import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { asCompleted, createTask, Future, getRunningLoop, sleep, TimeoutError } from 'offloop-internal/index.js';
import { afterEach, expect, test, vi } from 'vitest';

import { nextTurn, thrownUncaught } from './uncaught.ts';

const forever = 1e9;

afterEach(() => void vi.restoreAllMocks());

test('asCompleted yields records in the order in which the futures finish, each once', async () => {
  const made = Array.from({ length: 3 }, () => Future.withResolvers<string>());
  const [a, b, c] = made;
  const list = made.map(({ future }) => future);
  const iteration = asCompleted([...list, list[0] as Future<string>]);
  c?.resolve('c');
  a?.reject(new Error('a failed'));
  const records = [(await iteration.next()).value, (await iteration.next()).value];
  b?.future.cancel();
  records.push((await iteration.next()).value);
  expect(records.map((each) => each?.future)).toEqual([list[2], list[0], list[1]]);
  expect(records.map((each) => each?.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await iteration.next()).toEqual({ done: true, value: undefined });
});

test('the timeout of asCompleted throws from the iteration and cancels nothing', async () => {
  const { future } = Future.withResolvers<string>();
  const seen: string[] = [];
  const iterate = async (): Promise<void> => {
    for await (const { status } of asCompleted([future, Promise.resolve('now')], { timeout: 2 })) seen.push(status);
  };
  await expect(iterate()).rejects.toBeInstanceOf(TimeoutError);
  expect([seen, future.state]).toEqual([['fulfilled'], 'pending']);
});

test('asCompleted goes on after a break where it stopped', async () => {
  const iteration = asCompleted([Promise.resolve(1), Promise.resolve(2)]);
  for await (const record of iteration) {
    expect(record.status).toBe('fulfilled');
    break;
  }
  const rest: number[] = [];
  for await (const record of iteration) if (record.status === 'fulfilled') rest.push(record.value);
  expect(rest).toEqual([2]);
});

test('leaving asCompleted early gives its timer up, which would hold the process', async () => {
  const before = timers();
  const { future } = Future.withResolvers<number>();
  for await (const record of asCompleted([future, Promise.resolve(1)], { timeout: forever })) {
    expect(record.status).toBe('fulfilled');
    break;
  }
  expect(timers()).toBe(before);
});

test('a task that waits in asCompleted can be cancelled, and its futures go on', async () => {
  const { future } = Future.withResolvers<number>();
  const task = createTask(async () => {
    for await (const record of asCompleted([future])) return record.status;
    return 'none';
  });
  await nextTurn();
  task.cancel();
  await expect(task).rejects.toMatchObject({ name: 'AbortError' });
  expect(future.state).toBe('pending');
});

test('callSoon calls in order, in the next turn, and what a callback adds waits for the turn after', async () => {
  const loop = getRunningLoop();
  const order: string[] = [];
  loop.callSoon((name: string) => {
    order.push(name);
    loop.callSoon(() => order.push('added'));
  }, 'first');
  loop.callSoon(() => order.push('second'));
  const third = loop.callSoon(() => order.push('taken back'));
  expect([third.cancel(), third.cancelled, third.cancel()]).toEqual([true, true, false]);
  await Promise.resolve();
  expect(order).toEqual([]);
  await nextTurn();
  expect(order).toEqual(['first', 'second']);
  await nextTurn();
  expect(order).toEqual(['first', 'second', 'added']);
});

test('callLater calls in the order of the times, equal times in the order asked for', () => {
  // A clock of the test's: on a real one time goes on between two lines, and the order of the times with it.
  const clock = new FakeClock();
  vi.spyOn(systemClock, 'now').mockImplementation(() => clock.now());
  vi.spyOn(systemClock, 'setTimer').mockImplementation((ms, fire) => clock.setTimer(ms, fire));
  const loop = getRunningLoop();
  const start = loop.time();
  const order: [name: string, at: number][] = [];
  const note = (name: string): void => void order.push([name, loop.time() - start]);
  loop.callLater(60, note, '60');
  for (const name of ['a', 'b']) loop.callLater(30, note, name);
  const cancelled = loop.callLater(10, note, 'taken back');
  expect([cancelled.cancel(), cancelled.cancel()]).toEqual([true, false]);
  clock.advance(20);
  loop.callLater(10, note, 'c');
  clock.advance(100);
  expect(order).toEqual([
    ['a', 30],
    ['b', 30],
    ['c', 30],
    ['60', 60],
  ]);
  expect(clock.pending).toBe(0);
});

test('callLater calls after its time on the real clock, too', async () => {
  const loop = getRunningLoop();
  const start = loop.time();
  await new Promise<void>((resolve) => void loop.callLater(5, resolve));
  expect(loop.time() - start).toBeGreaterThan(3.9);
});

test('a callback of callLater that was taken back does not hold the process', () => {
  const before = timers();
  const handle = getRunningLoop().callLater(forever, () => {});
  expect(timers()).toBe(before + 1);
  handle.cancel();
  expect(timers()).toBe(before);
});

test('what a callback throws is an uncaught exception, and the next one is called', async () => {
  const order: string[] = [];
  const thrown = thrownUncaught();
  getRunningLoop().callSoon(() => {
    throw new Error('thrown by a callback');
  });
  getRunningLoop().callSoon(() => order.push('second'));
  expect(await thrown).toMatchObject({ message: 'thrown by a callback' });
  await nextTurn();
  expect(order).toEqual(['second']);
});

test('the main loop has a name and cannot be stopped', async () => {
  await sleep(0);
  expect(() => getRunningLoop().stop()).toThrow('the main loop ends with its process');
  expect(getRunningLoop()).toBe(getRunningLoop());
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
}
