import { AsyncLocalStorage } from 'node:async_hooks';

import { createTask, currentTask, Future, getRunningLoop } from 'offloop';
import { expect, test } from 'vitest';

// asyncio copies the context when a callback is registered; here it is Node's async context.

test('a done callback runs in the context of where it was added, not of who settles the future', async () => {
  const request = new AsyncLocalStorage<string>();
  const { future, resolve } = Future.withResolvers<number>();
  const seen = new Promise((tell) => {
    request.run('the one that adds', () => future.addDoneCallback(() => tell(request.getStore())));
  });
  request.run('the one that settles', () => resolve(1));
  expect(await seen).toBe('the one that adds');
});

test('callbacks of the running loop belong to the task that asked for them, also where they share a timer', async () => {
  const loop = getRunningLoop();
  /** The name of the task that the callback, asked for by a task of this name, belongs to. */
  const ask = (name: string, ms: number): Promise<string> =>
    new Promise((resolve) => {
      createTask(
        () => {
          const note = (): void => resolve(currentTask().name);
          if (ms === 0) loop.callSoon(note);
          else loop.callLater(ms, note);
        },
        { name },
      );
    });
  expect(await Promise.all([ask('a', 5), ask('b', 10), ask('c', 0)])).toEqual(['a', 'b', 'c']);
});
