// Promise 1: every future settles, exactly once, and the error names the job, the loop and the cause.
import { jobModule, LoopClosedError, LoopCrashedError, sleep, WorkerLoop, type Future } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, reported, shared, sharedWords } from './support.ts';

const missing = jobModule<{ anything(): void }>(new URL('../jobs/missing.js', import.meta.url));

/** How often a future tells that it has settled. */
function settlements(future: Future<unknown>): { count: number } {
  const told = { count: 0 };
  future.addDoneCallback(() => told.count++);
  return told;
}

describe('promise 1: every future settles, exactly once', () => {
  test('a mix of jobs that return, throw, are cancelled and cannot be cloned', async () => {
    await using loop = new WorkerLoop({ name: 'mixed' });
    const futures: Future<unknown>[] = [
      loop.run(basic.add(1, 2)),
      loop.run(faulty.fail('sync')),
      loop.run(faulty.failAsync('async')),
      loop.run(faulty.throwStrange('undefined')),
      loop.run(faulty.returnFunction()),
      loop.run(faulty.overflow()),
      loop.run(missing.anything()),
      loop.run(basic.echo(() => 1)),
      loop.run(basic.sleepFor(1e8)),
    ];
    const told = futures.map(settlements);
    futures[8]?.cancel();
    const outcomes = await Promise.allSettled(futures);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', ...Array<string>(8).fill('rejected')]);
    await loop.close();
    expect(told.map(({ count }) => count)).toEqual(Array(9).fill(1));
    expect(loop.stats().inFlight).toBe(0);
  });

  test('process.exit() in a job: the error names the lost job, the loop and the exit code', async () => {
    const loop = new WorkerLoop({ name: 'doomed', onUnhandled: 'ignore' });
    const words = sharedWords();
    const neighbour = loop.run(shared.never(words));
    const told = settlements(neighbour);
    await reported(words);
    const error = await failureOf(loop.run(faulty.exit(7)));
    expect(error).toBeInstanceOf(LoopCrashedError);
    expect(error.message).toMatch(/job exit .*'doomed'.* 7/);
    expect((await failureOf(neighbour)).message).toMatch(/job never .*'doomed'.* 7/);
    await failureOf(loop.closed);
    expect(told.count).toBe(1);
  });

  test('terminating a loop settles what runs, what waits in line and what waits for its time', async () => {
    const loop = new WorkerLoop({ name: 'ended' });
    const words = sharedWords();
    const blocking = loop.run(shared.spin(words));
    const queued = loop.run(basic.add(1, 1));
    const later = loop.callLaterThreadsafe(1e7, shared.count, words);
    const told = [blocking, queued].map(settlements);
    await reported(words);
    await loop.close({ mode: 'terminate' });
    for (const future of [blocking, queued]) expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
    expect(later.done).toBe(true);
    expect(told.map(({ count }) => count)).toEqual([1, 1]);
  });

  test('a loop that is closed rejects new work at once', async () => {
    const loop = new WorkerLoop({ name: 'shut' });
    await loop.close();
    const error = await failureOf(loop.run(basic.add(1, 1)));
    expect(error.code).toBe('OFFLOOP_LOOP_CLOSED');
    expect(error.message).toContain("loop 'shut' is closed");
  });

  test('a thread that crashes while it starts rejects what waited for it', async () => {
    const loop = new WorkerLoop({ name: 'stillborn', execArgv: ['--import', 'data:text/javascript,process.exit(3)'] });
    const error = await failureOf(loop.run(basic.add(1, 1)));
    expect(error).toMatchObject({ code: 'OFFLOOP_LOOP_START', exitCode: 3 });
    expect(error.message).toMatch(/job add .*'stillborn'.* 3 before it was ready/);
    await failureOf(loop.closed);
  });

  test('a setup that fails rejects what waited for it, with its error as the cause', async () => {
    const loop = new WorkerLoop({ name: 'unset', setup: faulty.fail('no database') });
    const error = await failureOf(loop.run(basic.add(1, 1)));
    expect(error.code).toBe('OFFLOOP_LOOP_START');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/'unset'.*no database/);
    await failureOf(loop.closed);
  });

  test('an endless loop with a timeout settles at its timeout, and what is behind it runs', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const words = sharedWords();
    const stuck = loop.run(shared.spin(words), { timeout: 50 });
    const behind = loop.run(basic.add(1, 1));
    const told = [stuck, behind].map(settlements);
    expect((await failureOf(stuck)).code).toBe('OFFLOOP_TIMEOUT');
    expect(await behind).toBe(2);
    await loop.close();
    await sleep(1);
    expect(told.map(({ count }) => count)).toEqual([1, 1]);
  });
});
