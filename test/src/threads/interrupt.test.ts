import { gather, jobModule, waitFor, WorkerLoop, type Future } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.js';
import { type Failure, failureOf, quickest, reported, runProgram, sharedWords, until } from './support.js';

const alone = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));
const followed = jobModule<typeof import('../jobs/stuck-followed.js')>(
  new URL('../jobs/stuck-followed.js', import.meta.url),
);

describe.each([
  ['ring', alone],
  ['port', alone],
  ['ring', followed],
  ['port', followed],
] as const)('a job that blocks its thread for ever, over the %s lane', (lane, jobs) => {
  test('rejects soon after its time; the thread, its state and its other jobs go on', timed, async () => {
    await using loop = new WorkerLoop({ lane });
    expect(await loop.run(jobs.count())).toBe(1);
    const { threadId } = loop;
    const neighbours: Future<string>[] = [];
    let counted = 1;
    // What is owed is 150.
    const took = await quickest(400, async () => {
      neighbours.push(loop.run(jobs.later(150)));
      const stuck = loop.run(jobs.forever(sharedWords()), { timeout: 100 });
      const behind = loop.run(jobs.count());
      const error = await failureOf(stuck);
      expect(error).toMatchObject({ name: 'TimeoutError', rung: 'interrupt' });
      expect(error.message).toMatch(/forever.*blocked its thread and was interrupted/);
      expect(error.stack).toMatch(/interrupted\n +at (?:Module\.)?forever .*stuck\.js.*\n +--- awaited from/);
      expect(await behind).toBe(++counted);
    });
    expect(took).toBeLessThan(400);
    for (const each of neighbours) expect(await each).toBe('later');
    expect(await loop.run(jobs.count())).toBe(counted + 1);
    expect(loop.threadId).toBe(threadId);
    expect(loop.stats()).toMatchObject({ inFlight: 0, zombies: 0, unhandled: 0 });
  });

  test('may be broken off again and again, and many jobs in a row', timed, async () => {
    await using loop = new WorkerLoop({ lane });
    const words = sharedWords();
    const errors = await Promise.all(
      Array.from({ length: 10 }, () => failureOf(loop.run(jobs.forever(words), { timeout: 10 }))),
    );
    expect(errors.map((error) => (error as Error & { rung?: string }).rung)).toEqual(
      Array.from({ length: 10 }, () => 'interrupt'),
    );
    expect(await loop.run(jobs.count())).toBe(1);
  });

  test('may be broken off when the thread was asleep before, and nothing else is under way', timed, async () => {
    await using loop = new WorkerLoop({ lane });
    for (let round = 1; round <= 3; round++) {
      expect(await loop.run(jobs.count())).toBe(round);
      while ((await loop.stackTrace()) !== '');
      expect(await failureOf(loop.run(jobs.forever(sharedWords()), { timeout: 10 }))).toMatchObject({
        rung: 'interrupt',
      });
    }
  });

  test('that sees its cancel with checkCancelled() runs its finally', async () => {
    if (jobs === alone) return;
    await using loop = new WorkerLoop({ lane });
    const words = sharedWords();
    const rung = async (): Promise<unknown> =>
      ((await failureOf(loop.run(followed.untilCancelled(words), { timeout: 50 }))) as Failure & { rung?: string })
        .rung;
    // It has twenty milliseconds: a thread that gets no core for so long is interrupted.
    while ((await rung()) !== 'cancel');
    await until(() => Atomics.load(words, 1) === 1, 'the finally of the job');
    expect(await loop.run(jobs.count())).toBe(1);
  });
});

describe.each([
  ['alone', alone],
  ['followed', followed],
] as const)('a job (%s) that blocks inside of a function of Node', (_how, jobs) => {
  test('runInAsyncScope, where to break off would abort the process: its thread is ended, and the process lives', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const error = await failureOf(loop.run(jobs.foreverInside('runInAsyncScope', sharedWords()), { timeout: 50 }));
    expect(error).toMatchObject({ name: 'TimeoutError', rung: 'cancel' });
    expect(error.stack).toMatch(/at forever .*\n.*\n.*runInAsyncScope \(node:async_hooks/);
    expect(await failureOf(loop.closed)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED' });
  });

  test.each(['emit', 'als.run'] as const)(
    '%s is broken off, and the jobs behind it are not in its context',
    timed,
    async (what) => {
      await using loop = new WorkerLoop();
      const { threadId } = loop;
      for (let round = 0; round < 3; round++) {
        const stuck = loop.run(jobs.foreverInside(what, sharedWords()), { timeout: 20 });
        const behind = [loop.run(jobs.contexts()), loop.run(jobs.contexts())];
        expect(await failureOf(stuck)).toMatchObject({ rung: 'interrupt' });
        for (const seen of await Promise.all(behind)) expect(seen).toEqual([undefined, undefined]);
        for (let i = 0; i < 5; i++) expect(await loop.run(jobs.contexts())).toEqual([undefined, undefined]);
      }
      expect(loop.threadId).toBe(threadId);
    },
  );

  test('setTimeout, most of the time: timers of the thread still fire, or it was not broken off and costs its thread', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    for (let round = 0; round < 5; round++) {
      const stuck = loop.run(jobs.armTimersForever(sharedWords()), { timeout: 20 });
      const { rung } = (await failureOf(stuck)) as Failure & { rung?: string };
      const after = await loop.run(jobs.later(1)).catch((error: unknown) => (error as Failure).code);
      // Where this thread stands still, it hears too late that the job was broken off, and says that it was not.
      if (rung === 'interrupt') expect(after).toBe('later');
      else expect(after).toMatch(/^(?:OFFLOOP_LOOP_CRASHED|later)$/);
      if (after !== 'later') break;
    }
    await loop.close({ mode: 'terminate' }).catch(() => {});
  });
});

describe('a forced cancel', () => {
  test(
    'of a job that blocks its thread: interrupted, its stack shown, and the thread serves the next job',
    timed,
    async () => {
      await using loop = new WorkerLoop();
      const words = sharedWords();
      const { threadId } = loop;
      const stuck = loop.run(alone.forever(words));
      await reported(words);
      expect(stuck.cancel({ force: true, graceMs: 20, reason: 'enough' })).toBe(true);
      const error = await failureOf(stuck);
      expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', rung: 'interrupt', cause: 'enough' });
      expect(error.message).toMatch(/forever.*cancelled by force.*20 ms.*interrupted/);
      expect(error.stack).toMatch(/interrupted\n +at (?:Module\.)?forever .*stuck\.js/);
      expect(stuck.state).toBe('cancelled');
      expect(await loop.run(alone.count())).toBeGreaterThan(0);
      expect(loop.threadId).toBe(threadId);
      expect(loop.stats()).toMatchObject({ inFlight: 0, zombies: 0, unhandled: 0 });
    },
  );

  test('of a job that awaits something that never comes: given up, a zombie, and its neighbours go on', async () => {
    await using loop = new WorkerLoop();
    const neighbour = loop.run(alone.later(100));
    const never = loop.run(alone.never());
    await until(() => never.state === 'running', 'the begin');
    never.cancel({ force: true, graceMs: 5 });
    expect(await failureOf(never)).toMatchObject({ name: 'AbortError', rung: 'cancel' });
    expect(loop.stats().zombies).toBe(1);
    expect(await neighbour).toBe('later');
    await failureOf(loop.close({ mode: 'cancel', graceMs: 10 }));
  });

  test('of a job that follows it in time is a cancel as any other, and one of a queued job wins at once', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const asks = loop.run(followed.untilCancelled(words));
    const queued = loop.run(alone.count());
    await until(() => asks.state === 'running', 'the begin');
    queued.cancel({ force: true });
    expect(queued.state).toBe('cancelled');
    asks.cancel({ force: true, graceMs: 10_000 });
    expect(((await failureOf(asks)) as Failure & { rung?: string }).rung).toBeUndefined();
    expect(Atomics.load(words, 1)).toBe(1);
  });

  test('through gather and waitFor reaches the jobs behind them', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const both = gather([waitFor(loop.run(alone.forever(words)), 60_000)]);
    await reported(words);
    both.cancel({ force: true, graceMs: 1 });
    await failureOf(both);
    expect(await loop.run(alone.count())).toBeGreaterThan(0);
  });

  test('with an option that cannot be used is refused, and cancels nothing', async () => {
    await using loop = new WorkerLoop();
    const future = loop.run(alone.later(1));
    expect(() => future.cancel({ force: true, graceMs: -1 })).toThrow(/option graceMs of cancel must be .*; got -1/);
    expect(() => future.cancel({ force: true, grace: 1 })).toThrow(/cancel has no option "grace"/);
    expect(await future).toBe('later');
  });
});

// A question has a second for its answer, which a machine may stand still.
test('stackTrace() tells where a blocked thread is, and is empty of an idle one', timed, async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  await loop.run(alone.count());
  // It may look out for calls a moment longer.
  while ((await loop.stackTrace()) !== '');
  const stuck = loop.run(alone.forever(words));
  await reported(words);
  expect(await loop.stackTrace()).toMatch(/^ +at (?:Module\.)?forever .*stuck\.js/);
  stuck.cancel({ force: true, graceMs: 0 });
  await failureOf(stuck);
});

test('a job that blocks after one of its awaits is never broken into: its thread is ended, and no future hangs', async () => {
  const loop = new WorkerLoop();
  const words = sharedWords();
  const stuck = loop.run(alone.foreverLater(words), { timeout: 50 });
  const neighbour = loop.run(alone.later(60_000));
  expect(await failureOf(stuck)).toMatchObject({ name: 'TimeoutError', rung: 'cancel' });
  expect(await failureOf(neighbour)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED' });
  await failureOf(loop.closed);
});

test('where the permission model forbids to break in, the thread is ended, and no future hangs', async () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const { code, stdout } = await runProgram('permission', {
    execArgv: ['--no-warnings', flag, '--allow-fs-read=*', '--allow-worker'],
  });
  expect(stdout).toBe('cancel OFFLOOP_LOOP_CRASHED\n');
  expect(code).toBe(0);
});

test('row 19: a thread that ignores its termination does not keep the process, which ends with its own exit code', async () => {
  const { code, signal, stdout, ms } = await runProgram('lost', { mark: 'end', withinMs: 2000 });
  expect(stdout).toBe('end\n');
  // Where Node cannot replace its process, it can only kill it.
  if ('execve' in process) expect(code).toBe(7);
  else expect(signal).toBe('SIGKILL');
  expect(ms).toBeLessThan(2000);
});

describe.each(['loop', 'outside'])('row 19: a process that ends while a job blocks a daemon loop (%s)', (how) => {
  test.each(['end', 'exit', 'throw'])(
    'by %s: in bounded time, with its own code, after its exit listeners',
    async (end) => {
      const { code, signal, stdout, stderr, ms } = await runProgram('blocked', {
        args: [how, end],
        mark: 'ending',
        withinMs: 2000,
      });
      expect(stdout).toBe('ending\nlistener\n');
      expect(stderr).toMatch(end === 'throw' ? /nobody catches this/ : /^$/);
      if (how === 'loop' || 'execve' in process) expect(code).toBe(end === 'throw' ? 1 : 7);
      else expect(signal).toBe('SIGKILL');
      expect(ms).toBeLessThan(2000);
    },
  );
});
