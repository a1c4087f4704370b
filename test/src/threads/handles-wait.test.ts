import { getLoopHandle, getMainLoop, jobModule, WorkerLoop, type LoopHandle } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, quickest, sharedWords, thrownBy } from './support.js';

const jobs = jobModule<typeof import('../jobs/handles.js')>(new URL('../jobs/handles.js', import.meta.url));

test('resultSync of a handle blocks in a job for another loop, one behind the other', async () => {
  await using a = new WorkerLoop();
  await using b = new WorkerLoop();
  await using c = new WorkerLoop();
  expect(await a.run(jobs.chainSync([b.handle, c.handle]))).toBe(c.threadId);
  expect(a.run(jobs.chainSync([c.handle, b.handle])).resultSync(10_000)).toBe(b.threadId);
});

test('resultSync of a handle blocks in a job for the main loop, and on the main thread for a handle that came back', async () => {
  await using a = new WorkerLoop();
  expect(await a.run(jobs.waitSync(getMainLoop(), 10_000))).toBe(0);
  const handle = await a.run(jobs.ownHandle());
  expect(handle.run(jobs.whichThread()).resultSync(10_000)).toBe(a.threadId);
});

test('what was scheduled before it blocks leaves first, also to other loops', async () => {
  await using a = new WorkerLoop();
  await using b = new WorkerLoop();
  await using c = new WorkerLoop();
  expect(await a.run(jobs.scheduleThenBlock(b.handle, c.handle, sharedWords()))).toBe('counted 2');
});

test('it throws TimeoutError after its time', async () => {
  await using a = new WorkerLoop();
  await using b = new WorkerLoop();
  const word = sharedWords();
  const blocked = b.run(jobs.meetSync(b.handle, word, 1e9));
  await expect(a.run(jobs.waitSync(b.handle, 20))).rejects.toMatchObject({ name: 'TimeoutError' });
  Atomics.store(word, 0, 1e9);
  await blocked;
});

test('to wait for oneself is refused at once, in a job and on the main thread', async () => {
  await using a = new WorkerLoop();
  await expect(a.run(jobs.waitSync(a.handle, Infinity))).rejects.toMatchObject({ code: 'OFFLOOP_INVALID_STATE' });
  const future = getLoopHandle().run(basic.fib(10));
  expect(thrownBy(() => future.resultSync())).toMatchObject({ code: 'OFFLOOP_INVALID_STATE' });
  expect(await future).toBe(55);
});

describe('threads that block for each other', () => {
  test('two: the one with the higher id gives in, each time, and the other gets its result', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const low = a.threadId < b.threadId ? a : b;
    const high = low === a ? b : a;
    for (let round = 0; round < 200; round++) {
      const word = sharedWords();
      const first = low.run(jobs.meetSync(high.handle, word, 2));
      const second = high.run(jobs.meetSync(low.handle, word, 2));
      expect(await Promise.all([first, second])).toEqual([`got ${high.threadId}`, 'OFFLOOP_WAIT_CYCLE']);
    }
  });

  test('four in a ring: one gives in, and all others get their results', async () => {
    const loops = [new WorkerLoop(), new WorkerLoop(), new WorkerLoop(), new WorkerLoop()];
    const highest = Math.max(...loops.map(({ threadId }) => threadId));
    for (let round = 0; round < 20; round++) {
      const word = sharedWords();
      const next = (index: number): LoopHandle => (loops[(index + 1) % 4] as WorkerLoop).handle;
      const all = await Promise.all(loops.map((loop, index) => loop.run(jobs.meetSync(next(index), word, 4))));
      expect(all).toEqual(
        loops.map(({ threadId }, index) =>
          threadId === highest ? 'OFFLOOP_WAIT_CYCLE' : `got ${next(index).threadId}`,
        ),
      );
    }
    await Promise.all(loops.map((loop) => loop.close()));
  });

  test('the main thread and a job: the job gives in at once', async () => {
    await using a = new WorkerLoop();
    await a.run(basic.fib(1));
    const took = await quickest(1000, () => {
      expect(a.run(jobs.meetSync(getMainLoop(), sharedWords(), 1)).resultSync(10_000)).toBe('OFFLOOP_WAIT_CYCLE');
    });
    expect(took).toBeLessThan(1000);
    await using b = new WorkerLoop();
    const chain = a.run(jobs.chainSync([b.handle, getMainLoop()]));
    expect(thrownBy(() => chain.resultSync(10_000))).toMatchObject({
      code: 'OFFLOOP_WAIT_CYCLE',
      message: expect.stringMatching(/thread \d+ waits for the main thread waits for thread \d+/) as unknown,
    });
  });

  test('no cycle is seen where there is none: results that cross on their way', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    await using c = new WorkerLoop();
    // While a blocks for b and b for c, c answers; main blocks for a.
    for (let round = 0; round < 5; round++) {
      const sums = [a.run(jobs.pingSync(b.handle, 300)), c.run(jobs.pingSync(b.handle, 300))];
      expect(sums[0]?.resultSync(10_000)).toBe(89_700);
      expect(await Promise.all(sums)).toEqual([89_700, 89_700]);
    }
  });
});
