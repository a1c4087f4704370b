// Promise 7 and how work is scheduled and seen: order, delays, callbacks, tasks(), the slow event, and the free main loop (promise 9).
import { once } from 'node:events';
import { inspect } from 'node:util';

import { runCoroutineThreadsafe, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, openGate, place, reported, shared, sharedWords, until } from './support.ts';

function listOf(words: Int32Array): number[] {
  return [...words.subarray(1, 1 + Number(words[0]))];
}

describe('promise 7: FIFO', () => {
  test('calls that travel in a batch and calls that travel alone start in the order in which they were scheduled', async () => {
    await using loop = new WorkerLoop();
    const list = sharedWords(301);
    await loop.run(shared.keepList(list));
    for (let n = 0; n < 300; n++) {
      if (n % 7 === 3) loop.callSoonThreadsafe(shared.appendKept, n, new Map());
      else loop.callSoonThreadsafe(shared.appendKept, n);
    }
    await loop.run(basic.add(1, 1));
    expect(listOf(list)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });

  test('futures, callbacks, sync and async jobs start in the order in which they were scheduled', async () => {
    await using loop = new WorkerLoop();
    const list = sharedWords(1001);
    for (let n = 0; n < 1000; n++) {
      if (n % 3 === 0) loop.callSoonThreadsafe(shared.append, list, n);
      else void loop.run(n % 3 === 1 ? shared.append(list, n) : shared.appendAsync(list, n));
      // Some turns in between, so that there are many messages.
      if (n % 100 === 50) await Promise.resolve();
    }
    await loop.run(basic.add(1, 1));
    expect(listOf(list)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  test('also where jobs come from modules that still have to be loaded, or fail to', async () => {
    await using loop = new WorkerLoop();
    const order: string[] = [];
    const note = (what: string) => (): void => void order.push(what);
    const futures = [
      loop.run(shared.count(sharedWords())).then(note('first')),
      loop.run(faulty.fail('second')).catch(note('second')),
      loop.run(place.remember(0)).then(note('third')),
      loop.run(basic.add(1, 1)).then(note('fourth')),
    ];
    await Promise.all(futures);
    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('callLaterThreadsafe', () => {
  test('runs in the order of the times, equal times in the order in which they were scheduled', async () => {
    await using loop = new WorkerLoop();
    await loop.run(basic.add(1, 1));
    const delays = [60, 20, 20, 20, 40, 20, 0];
    let list: Int32Array;
    let asking: number;
    // Where this thread stood still while it asked, the times may have another order.
    do {
      list = sharedWords(16);
      const begun = performance.now();
      for (const [n, ms] of delays.entries()) loop.callLaterThreadsafe(ms, shared.append, list, n);
      asking = performance.now() - begun;
      await until(() => list[0] === delays.length, 'the delayed callbacks');
      expect(performance.now() - begun).toBeGreaterThan(58);
    } while (asking >= 20);
    expect(listOf(list)).toEqual([6, 1, 2, 3, 5, 4, 0]);
  });

  test('a handle tells what became of it', async () => {
    await using loop = new WorkerLoop();
    const handle = loop.callLaterThreadsafe(5, basic.add, 1, 1);
    // No turn of this thread in between, so it has heard of nothing.
    expect(handle).toMatchObject({ done: false, cancelled: false });
    expect(inspect(handle)).toBe('<Handle add() scheduled>');
    await until(() => handle.done, 'the callback');
    expect(handle.cancelled).toBe(false);
  });

  test('a callback that runs can be asked to stop', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const handle = loop.callSoonThreadsafe(shared.sleepWithFinally, words);
    await reported(words);
    expect(handle.cancel()).toBe(true);
    await until(() => handle.done, 'the end of the callback');
    expect(handle.cancelled).toBe(true);
    expect(words[0]).toBe(1001);
  });
});

describe('the thread is persistent', () => {
  test('modules keep their state and timers tick between jobs, while nothing else happens', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    expect(await loop.run(place.remember(2))).toBe(2);
    await loop.run(shared.startTicking(words));
    expect(loop.stats().inFlight).toBe(0);
    const { threadId } = loop;
    await reported(words, 25);
    expect(await loop.run(place.remember(3))).toBe(5);
    expect(loop.threadId).toBe(threadId);
    expect(await loop.run(place.where())).toEqual({ name: loop.name, threadId, isMain: false });
  });

  test('its options env and workerData reach the jobs', async () => {
    await using loop = new WorkerLoop({
      name: 'configured',
      env: { MODE: 'test' },
      workerData: { a: new Map([[1, 2]]) },
    });
    expect(await loop.run(place.environment('MODE'))).toBe('test');
    expect(await loop.run(place.data())).toEqual({ a: new Map([[1, 2]]) });
    expect((await loop.run(place.where())).name).toBe('configured');
  });
});

describe('tasks()', () => {
  test('answers while the thread is blocked: what blocks it, and what waits', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate), { name: 'the blocker' });
    const waiting = loop.run(basic.add(1, 1), { name: 'waiting' });
    loop.callSoonThreadsafe(basic.fib, 3);
    await reported(gate);
    expect(await loop.tasks()).toEqual([
      { name: 'the blocker', job: 'blockAtGate', state: 'running' },
      { name: 'waiting', job: 'add', state: 'pending' },
      { name: 'fib', job: 'fib', state: 'pending' },
    ]);
    expect(waiting.cancel()).toBe(true);
    expect(await loop.tasks()).toHaveLength(2);
    openGate(gate);
    await blocking;
  });

  test('tells the states of tasks that do not block', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const runs = loop.run(shared.never(words), { name: 'runs' });
    const asked = loop.run(shared.never(words), { name: 'asked' });
    await reported(words, 2);
    asked.cancel();
    expect(await loop.tasks()).toEqual([
      { name: 'runs', job: 'never', state: 'running' },
      { name: 'asked', job: 'never', state: 'cancelling' },
    ]);
    expect([runs.state, asked.state]).toEqual(['running', 'cancelling']);
    expect(inspect(runs)).toMatch(/^<Future running name='runs' job=<never\(\)> loop='loop-\d+'>$/);
    await loop.close({ mode: 'terminate' });
    expect(await loop.tasks()).toEqual([]);
    await Promise.all([failureOf(runs), failureOf(asked)]);
  });
});

describe("the event 'slow'", () => {
  test('tells which job blocked the loop, and for how long; a fast one is not told', async () => {
    await using loop = new WorkerLoop({ slowCallbackMs: 500 });
    const told: { readonly job: string | undefined; readonly ms: number }[] = [];
    loop.on('slow', (info) => told.push(info));
    await loop.run(basic.add(1, 1));
    const gate = sharedWords();
    const slow = once(loop, 'slow');
    const future = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    setTimeout(() => openGate(gate), 550);
    await slow;
    await future;
    expect(told).toEqual([{ job: 'blockAtGate', ms: expect.any(Number) as number }]);
    expect(told[0]?.ms).toBeGreaterThanOrEqual(500);
  });
});

describe('addDoneCallback', () => {
  test('callbacks run in the order added, never synchronously, once each, with the future', async () => {
    await using loop = new WorkerLoop();
    const future = runCoroutineThreadsafe(basic.add(2, 3), loop);
    const order: string[] = [];
    const removed = (): void => void order.push('removed');
    future.addDoneCallback((f) => order.push(`first ${f.result()}`));
    future.addDoneCallback(removed);
    future.addDoneCallback(() => order.push('second'));
    expect(future.removeDoneCallback(removed)).toBe(1);
    expect(await future).toBe(5);
    future.addDoneCallback(() => order.push('late'));
    order.push('sync');
    await Promise.resolve();
    expect(order).toEqual(['first 5', 'second', 'sync', 'late']);
  });
});
