import { setTimeout as foreignSleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import {
  allTasks,
  CancelledError,
  checkCancelled,
  createTask,
  currentTask,
  Future,
  getRunningLoop,
  InvalidArgumentError,
  InvalidStateError,
  sleep,
  Task,
} from 'offloop';
import { expect, test } from 'vitest';

import { nextTurn, unhandled } from './uncaught.ts';

const forever = 1e9;

test('a task is a future; its body starts soon, not at once', async () => {
  const order: string[] = [];
  const task = createTask(() => order.push('body'));
  order.push('after createTask');
  expect(task).toBeInstanceOf(Future);
  expect(task.state).toBe('pending');
  await task;
  expect(order).toEqual(['after createTask', 'body']);
});

test('a task that is cancelled before its first step never runs, and keeps the reason', async () => {
  let ran = false;
  const task = createTask(() => (ran = true));
  expect(task.cancel('not needed')).toBe(true);
  expect(task.cancelled).toBe(true);
  await expect(task).rejects.toMatchObject({ cause: 'not needed' });
  await nextTurn();
  expect(ran).toBe(false);
});

test('a cancel throws from the await, and cleanup that awaits in finally works', async () => {
  const steps: string[] = [];
  const task = createTask(async () => {
    try {
      await sleep(forever);
    } finally {
      steps.push('finally');
      await sleep(1);
      steps.push('cleaned');
    }
  });
  await nextTurn();
  expect(task.cancel()).toBe(true);
  expect(task.state).toBe('cancelling');
  expect(task.done).toBe(false);
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect([task.state, steps]).toEqual(['cancelled', ['finally', 'cleaned']]);
  expect(task.cancel()).toBe(false);
});

test('two cancels in one turn are one CancelledError, and cancelling() is 2', async () => {
  let thrown = 0;
  const task = createTask(async () => {
    for (let round = 0; round < 3; round++) await sleep(2).catch(() => thrown++);
    return 'ended';
  });
  await nextTurn();
  expect([task.cancel(), task.cancel()]).toEqual([true, true]);
  expect(await task).toBe('ended');
  expect([thrown, task.cancelling()]).toEqual([1, 2]);
});

test('a body that swallows each of three cancels and returns has its value', async () => {
  const task = createTask(async () => {
    let swallowed = 0;
    while (swallowed < 3) {
      await sleep(forever).catch(() => {});
      swallowed++;
    }
    return swallowed;
  });
  for (let round = 0; round < 3; round++) {
    await nextTurn();
    expect(task.cancel()).toBe(true);
  }
  expect(await task).toBe(3);
  expect([task.state, task.cancelled, task.cancelling()]).toEqual(['done', false, 3]);
});

test('an error thrown while cleaning up is the outcome, not the cancel', async () => {
  const task = createTask(async () => {
    try {
      await sleep(forever);
    } finally {
      throw new RangeError('cleanup failed');
    }
  });
  await nextTurn();
  task.cancel();
  await expect(task).rejects.toThrow('cleanup failed');
  expect(task.state).toBe('failed');
});

test('a cancel while something foreign is awaited throws at the next await of ours', async () => {
  const { promise, resolve } = foreignPromise<void>();
  const steps: string[] = [];
  const task = createTask(async () => {
    await promise;
    steps.push('foreign await returned');
    await sleep(1);
    steps.push('not reached');
  });
  await nextTurn();
  expect(task.cancel('why')).toBe(true);
  resolve();
  await expect(task).rejects.toMatchObject({ cause: 'why' });
  expect(steps).toEqual(['foreign await returned']);
});

test('a body that could not notice its cancel and returns ends cancelled', async () => {
  const { promise, resolve } = foreignPromise<string>();
  const task = createTask(() => promise);
  await nextTurn();
  task.cancel();
  resolve('value');
  await expect(task).rejects.toBeInstanceOf(CancelledError);
});

test('a task that cancels itself and returns is cancelled', async () => {
  const task = createTask(() => {
    currentTask().cancel();
    return 12;
  });
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(task.cancelled).toBe(true);
});

test('a cancel after the awaited future was resolved, but before the body went on, still cancels', async () => {
  const { future, resolve } = Future.withResolvers<number>();
  const task = createTask(async () => await future);
  await nextTurn();
  resolve(1);
  expect(task.cancel()).toBe(true);
  await expect(task).rejects.toBeInstanceOf(CancelledError);
});

test('the signal of a task aborts with the cancel, and an AbortError from it cancels the task', async () => {
  const task = createTask((signal) => foreignSleep(forever, undefined, { signal }));
  await nextTurn();
  task.cancel('stop');
  await expect(task).rejects.toMatchObject({ name: 'AbortError', cause: 'stop' });
  expect(task.cancelled).toBe(true);
});

test('a body that listens to its signal and ends by itself has its value', async () => {
  const task = createTask(
    (signal) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('ended early'))),
  );
  await nextTurn();
  task.cancel();
  expect(await task).toBe('ended early');
});

test('an AbortError that nobody asked for is a failure', async () => {
  const error = Object.assign(new Error('of its own'), { name: 'AbortError' });
  const task = createTask(() => Promise.reject(error));
  await expect(task).rejects.toBe(error);
  expect(task.state).toBe('failed');
});

test('a cancel travels through tasks that await each other', async () => {
  const inner = createTask(() => sleep(forever), { name: 'inner' });
  const outer = createTask(async () => await inner, { name: 'outer' });
  await nextTurn();
  outer.cancel();
  await expect(outer).rejects.toBeInstanceOf(CancelledError);
  expect([inner.state, outer.state]).toEqual(['cancelled', 'cancelled']);
});

test('checkCancelled throws in a task that was asked to cancel, and nowhere else', async () => {
  checkCancelled();
  const steps: string[] = [];
  const task = createTask(() => {
    checkCancelled();
    steps.push('not yet');
    currentTask().cancel();
    checkCancelled();
    steps.push('not reached');
  });
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(steps).toEqual(['not yet']);
});

test('currentTask is the running task, across awaits, and throws outside of any', async () => {
  expect(() => currentTask()).toThrow(InvalidStateError);
  const bodies = await Promise.all(
    ['a', 'b'].map((name) =>
      createTask(
        async () => {
          const before = currentTask();
          await sleep(1);
          return [before.name, currentTask() === before];
        },
        { name },
      ),
    ),
  );
  expect(bodies).toEqual([
    ['a', true],
    ['b', true],
  ]);
});

test('allTasks holds the unfinished tasks in the order in which they were made', async () => {
  const tasks = [createTask(() => sleep(forever)), getRunningLoop().createTask(() => sleep(forever))];
  expect([...allTasks()]).toEqual(tasks);
  expect([...getRunningLoop().allTasks()]).toEqual(tasks);
  for (const task of tasks) task.cancel();
  await nextTurn();
  expect(allTasks().size).toBe(0);
});

test('inspect shows name, body and what the task waits for', async () => {
  const task = createTask(
    async function nap() {
      await sleep(forever);
    },
    { name: 'napper' },
  );
  expect(inspect(task)).toBe("<Task pending name='napper' coro=<nap()>>");
  await nextTurn();
  expect(inspect(task)).toBe("<Task running name='napper' coro=<nap()> wait_for=<Future pending>>");
  task.cancel();
  expect(inspect(task)).toMatch(/^<Task cancelling name='napper'/);
  await nextTurn();
  expect(inspect(task)).toBe("<Task cancelled name='napper' coro=<nap()>>");
  expect(createTask(() => {}).name).toMatch(/^Task-\d+$/);
});

test('a failure of a task that nobody looks at is an unhandled rejection', async () => {
  const reason = unhandled();
  createTask(() => {
    throw new Error('of a task');
  });
  expect(await reason).toMatchObject({ message: 'of a task' });
});

test('createTask takes a function, not work that has begun', () => {
  expect(() => createTask(sleep(1) as unknown as () => void)).toThrow(InvalidArgumentError);
  expect(() => createTask(() => {}, { nam: 'x' } as object)).toThrow('createTask has no option "nam"');
  expect(Task.name).toBe('Task');
});

test('a cycle of tasks that await each other can be cancelled', async () => {
  const tasks: Task<void>[] = [];
  for (const other of [1, 0]) tasks.push(createTask(async () => await tasks[other]));
  await nextTurn();
  expect(() => tasks[0]?.cancel()).not.toThrow();
});

test('a task that reacts to its own end can be cancelled', async () => {
  let reacted = false;
  const task: Task<void> = createTask(async () => {
    void task.catch(() => (reacted = true));
    await sleep(forever);
  });
  await nextTurn();
  expect(task.cancel()).toBe(true);
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(reacted).toBe(true);
});

function foreignPromise<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
