import { jobModule, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { type Failure, failureOf, reported, runProgram, sharedWords, until } from './support.js';

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
  test('rejects soon after its time; the thread, its state and its other jobs go on', async () => {
    await using loop = new WorkerLoop({ lane });
    expect(await loop.run(jobs.count())).toBe(1);
    const { threadId } = loop;
    const neighbour = loop.run(jobs.later(150));
    const words = sharedWords();
    const began = performance.now();
    const stuck = loop.run(jobs.forever(words), { timeout: 100 });
    const behind = loop.run(jobs.count());
    const error = await failureOf(stuck);
    const took = performance.now() - began;
    expect(error).toMatchObject({ name: 'TimeoutError', rung: 'interrupt' });
    expect(error.message).toMatch(/forever.*blocked its thread and was interrupted/);
    expect(error.stack).toMatch(/interrupted\n +at (?:Module\.)?forever .*stuck\.js.*\n +--- awaited from/);
    expect(await behind).toBe(2);
    expect(await neighbour).toBe('later');
    expect(await loop.run(jobs.count())).toBe(3);
    expect(loop.threadId).toBe(threadId);
    expect(loop.stats()).toMatchObject({ inFlight: 0, zombies: 0, unhandled: 0 });
    // Generous: what is owed is 150, and the machine has other things to do.
    expect(took).toBeLessThan(400);
  });

  test('may be broken off again and again, and many jobs in a row', async () => {
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

  test('may be broken off when the thread was asleep before, and nothing else is under way', async () => {
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

test('stackTrace() tells where a blocked thread is, and is empty of an idle one', async () => {
  await using loop = new WorkerLoop();
  const words = sharedWords();
  await loop.run(alone.count());
  // It may look out for calls a moment longer.
  while ((await loop.stackTrace()) !== '');
  const stuck = loop.run(alone.forever(words), { timeout: 300 });
  await reported(words);
  expect(await loop.stackTrace()).toMatch(/^ +at (?:Module\.)?forever .*stuck\.js/);
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
  const { code, signal, stdout, ms } = await runProgram('lost', { mark: 'end' });
  expect(stdout).toBe('end\n');
  // Where Node cannot replace its process, it can only kill it.
  if ('execve' in process) expect(code).toBe(7);
  else expect(signal).toBe('SIGKILL');
  expect(ms).toBeLessThan(2000);
});
