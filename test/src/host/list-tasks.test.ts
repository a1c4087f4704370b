import { listTasks } from 'offloop-internal/host/list-tasks.js';
import type { LoopThread } from 'offloop-internal/host/loop-thread.js';
import { expect, test } from 'vitest';

const mine = { name: 'mine', job: 'job', state: 'running' };

/** A loop with calls in these states, by their ids, whose thread gives this answer. */
function loopWith(
  states: readonly string[],
  answer: { tasks: readonly unknown[]; ids: readonly number[] } | undefined,
) {
  return {
    state: 'running',
    holds: { acquire() {}, release() {} },
    questions: { ask: () => Promise.resolve(answer) },
    link: {
      calls: () => states.map((_, id) => ({ id, label: 'job', name: `call ${id}` })),
      stateOf: ({ id }: { id: number }) => states[id],
      send() {},
    },
  } as unknown as LoopThread;
}

const namesOf = async (loop: LoopThread): Promise<string[]> =>
  (await listTasks(loop)).map(({ name, state }) => `${name}, ${state}`);

// A bug: it was not among what the thread told, nor queued any more.
test('a call that has begun since the thread has answered is listed', async () => {
  const loop = loopWith(['running', 'queued', 'ended'], { tasks: [mine], ids: [] });
  expect(await namesOf(loop)).toEqual(['mine, running', 'call 0, running', 'call 1, pending']);
});

test('one that the thread has told of is listed once', async () => {
  const loop = loopWith(['running', 'cancelling'], { tasks: [mine], ids: [0] });
  expect(await namesOf(loop)).toEqual(['mine, running', 'call 1, cancelling']);
});

test('of a thread that does not answer all is listed that is known here', async () => {
  const loop = loopWith(['running', 'queued', 'cancelled', 'cancelling'], undefined);
  expect(await namesOf(loop)).toEqual(['call 0, running', 'call 3, cancelling', 'call 1, pending']);
});
