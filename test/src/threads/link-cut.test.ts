// Promise 1, where it is hardest: the port of the link is closed under us, and no message will ever come again.
import { Worker } from 'node:worker_threads';

import { jobModule, LoopCrashedError, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { failureOf, shared, sharedWords } from './support.ts';

const workerUrl = new URL('../jobs/own-worker.js', import.meta.url);
const intruder = jobModule<typeof import('../jobs/own-worker.js')>(workerUrl);

describe('promise 1: every future settles, exactly once', () => {
  test.each(['ring', 'port'] as const)(
    'a %s link that is cut under the loop rejects what was on it, although the thread lives',
    async (lane) => {
      const loop = new WorkerLoop({
        name: 'cut',
        lane,
        onUnhandled: 'ignore',
        worker: () => new Worker(new URL('../jobs/own-worker.js', import.meta.url)),
      });
      const never = loop.run(shared.never(sharedWords()));
      const cut = loop.run(intruder.cutLink());
      // Its result needs no port where there is a ring.
      if (lane === 'ring') await cut;
      else expect((await failureOf(cut)).message).toMatch(/job cutLink .*'cut'/);
      const error = await failureOf(never);
      expect(error).toBeInstanceOf(LoopCrashedError);
      expect(error.message).toMatch(/job never .*'cut'/);
      await failureOf(loop.closed);
      expect(loop.threadId).toBe(-1);
    },
  );
});
