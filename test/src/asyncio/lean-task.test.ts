import { allTasks, CancelledError, checkCancelled, createTask, currentTask, Future, sleep } from 'offloop';
import { expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { nextTurn } from './uncaught.ts';

// What a task costs is kept low by what it makes late or never; nobody may notice.

test('allTasks keeps its order whichever of them ends', async () => {
  const before = allTasks().size;
  const ends = Array.from({ length: 5 }, () => Future.withResolvers<void>());
  const tasks = ends.map(({ future }, index) => createTask(() => future, { name: `t${index}` }));
  const names = (): string[] => [...allTasks()].slice(before).map((task) => task.name);
  await nextTurn();
  expect(names()).toEqual(['t0', 't1', 't2', 't3', 't4']);
  for (const [index, left] of [
    [2, ['t0', 't1', 't3', 't4']],
    [0, ['t1', 't3', 't4']],
    [4, ['t1', 't3']],
  ] as const) {
    ends[index]?.resolve();
    await tasks[index];
    expect(names()).toEqual(left);
  }
  const late = createTask(() => {}, { name: 'late' });
  expect(names()).toEqual(['t1', 't3', 'late']);
  ends[1]?.resolve();
  ends[3]?.resolve();
  await Promise.all([...tasks, late]);
  expect(names()).toEqual([]);
});

test('tasks without a name are numbered in the order in which they were made, whenever one asks', () => {
  const [a, b, c] = [createTask(() => {}), createTask(() => {}), createTask(() => {})];
  const numbers = [c, a, b].map(({ name }) => Number(/^Task-(\d+)$/.exec(name)?.[1]));
  expect(numbers.map((each) => each - (numbers[1] ?? 0))).toEqual([2, 0, 1]);
  expect(a.name).toBe(`Task-${numbers[1]}`);
});

test('a body gets the signal of its task, however it declares it', async () => {
  const signals: unknown[] = [];
  const bodies: ((signal: AbortSignal) => void)[] = [
    (signal) => void signals.push(signal),
    (...all) => void signals.push(...all),
    function () {
      // oxlint-disable-next-line prefer-rest-params -- the point
      signals.push(arguments[0]);
    },
    signals.push.bind(signals),
    new Proxy((signal: AbortSignal): void => void signals.push(signal), {}),
  ];
  const tasks = bodies.map((body) => createTask(body));
  await Promise.all(tasks);
  expect(signals).toEqual(tasks.map(({ signal }) => signal));
  const asks = createTask(() => currentTask().signal);
  expect(await asks).toBe(asks.signal);
});

test('a cancel that is refused by what is awaited, and accepted when asked again, is thrown once', async () => {
  let refuses = true;
  class Reluctant extends Future<void> {
    protected override requestCancel(reason: unknown): boolean {
      return !refuses && super.requestCancel(reason);
    }
  }
  const steps: string[] = [];
  const task = createTask(async () => {
    try {
      await new Reluctant();
    } finally {
      steps.push('thrown');
      await sleep(1);
      steps.push('cleaned');
    }
  });
  await nextTurn();
  expect(task.cancel()).toBe(true);
  refuses = false;
  expect(task.cancel()).toBe(true);
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(steps).toEqual(['thrown', 'cleaned']);
});

test('a body that was told of its cancel when it asked can await in its cleanup', async () => {
  const { promise, resolve } = foreignPromise();
  const steps: string[] = [];
  const task = createTask(async () => {
    await promise;
    try {
      checkCancelled();
    } finally {
      await sleep(1);
      steps.push('cleaned');
    }
  });
  await nextTurn();
  task.cancel();
  resolve();
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(steps).toEqual(['cleaned']);
});

test('a task that awaits one thing after the other keeps none of their results', async () => {
  const { future: end, resolve } = Future.withResolvers<void>();
  const { future: waiting, resolve: waits } = Future.withResolvers<void>();
  const kept: WeakRef<object>[] = [];
  const task = createTask(async () => {
    for (let round = 0; round < 5; round++) kept.push(new WeakRef(await sleep(0, { round })));
    waits();
    await end;
  });
  await waiting;
  // A WeakRef keeps its target alive until its turn is over.
  await nextTurn();
  collect();
  expect(kept).toHaveLength(5);
  expect(kept.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  resolve();
  await task;
});

/** A promise that is not ours: no cancel reaches it. */
function foreignPromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((onResolve) => (resolve = onResolve));
  return { promise, resolve };
}
