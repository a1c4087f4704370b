// Rows 10 to 17 and 20 of what offloop survives: what happens to the thread itself.
import { once } from 'node:events';

import { CloseTimeoutError, LoopCrashedError, sleep, TimeoutError, WorkerLoop, type ErrorContext } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { basic, failureOf, faulty, openGate, quickest, reported, runProgram, shared, sharedWords } from './support.ts';

describe('row 10: an unhandled rejection in the background', () => {
  test.each([
    ['during a job', faulty.rejectInBackground],
    ['after it', faulty.rejectAfterwards],
  ] as const)('%s: the error event tells it, no job fails and the loop goes on', async (when, job) => {
    await using loop = new WorkerLoop({ name: 'noisy' });
    const words = sharedWords();
    const neighbour = loop.run(shared.waitAtGate(words));
    await reported(words);
    const told = once(loop, 'error');
    expect(await loop.run(job(when))).toBe('fine');
    const [error, context] = (await told) as [Error, ErrorContext];
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(when);
    expect(context).toMatchObject({ origin: 'unhandledRejection', loop: 'noisy' });
    openGate(words);
    expect(await neighbour).toBe('released');
    expect(loop.stats()).toMatchObject({ state: 'running', unhandled: 1 });
  });
});

describe('row 11: an uncaught exception in the thread', () => {
  test.each([
    ['in a timer', faulty.throwInTimer],
    ['in an event callback', faulty.throwInEvent],
    ['of an emitter that nobody hears', faulty.emitUnheardError],
  ] as const)('%s: the error event tells it, no job fails and the loop goes on', async (where, job) => {
    await using loop = new WorkerLoop({ name: 'noisy' });
    const words = sharedWords();
    const neighbour = loop.run(shared.waitAtGate(words));
    await reported(words);
    const told = once(loop, 'error');
    expect(await loop.run(job(where))).toBe('fine');
    const [error, context] = (await told) as [Error, ErrorContext];
    expect(error.message).toBe(where);
    expect(context).toMatchObject({ origin: 'uncaughtException', loop: 'noisy' });
    openGate(words);
    expect(await neighbour).toBe('released');
  });
});

describe('row 12: nobody listens for errors', () => {
  test('the error is thrown in the thread of the owner, which ends the process as Node does it', async () => {
    const { code, stderr, stdout } = await runProgram('unheard-error');
    expect(stdout).toBe('begun\n');
    expect(stderr).toContain('TypeError: unheard');
    expect(code).toBe(1);
  });
});

describe('row 13: process.exit() or process.exitCode in a job', () => {
  test('process.exit(n): every job in flight rejects with the exit code, and the loop is closed', async () => {
    const loop = new WorkerLoop({ name: 'left', onUnhandled: 'ignore' });
    const words = sharedWords();
    const running = loop.run(shared.never(words));
    await reported(words);
    const exited = once(loop, 'exit');
    const exiting = loop.run(faulty.exit(5));
    const behind = loop.run(basic.add(1, 1));
    for (const future of [running, exiting, behind])
      expect(await failureOf(future)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 5 });
    expect(await exited).toMatchObject([5, { exitCode: 5 }]);
    expect(loop.state).toBe('closed');
    expect(await failureOf(loop.closed)).toBeInstanceOf(LoopCrashedError);
  });

  test('process.exit(0) is no success of the jobs it takes along', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    expect(await failureOf(loop.run(faulty.exit(0)))).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 0 });
  });

  test('the stack of the error is that of who awaits the job, and nothing of how its end was heard of', async () => {
    const loop = new WorkerLoop({ name: 'left' });
    try {
      await loop.run(faulty.exit(3));
      expect.unreachable();
    } catch (error) {
      const { stack = '' } = error as Error;
      expect(stack).toMatch(/^LoopCrashedError: job exit was lost: [^\n]*\n +--- awaited from ---\n +at /);
      expect(stack).toContain('faults-thread.test');
      expect(stack).not.toContain('packages/core');
    }
  });

  test('process.exitCode hurts nobody', async () => {
    const loop = new WorkerLoop();
    await loop.run(faulty.setExitCode(9));
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    await loop.close();
    await loop.closed;
    expect(process.exitCode).not.toBe(9);
  });

  test('a loop that loses no job to it tells of its end by an error event', async () => {
    const loop = new WorkerLoop({ name: 'lonely' });
    const told = once(loop, 'error');
    await loop.run(faulty.resultThenExit(4));
    const [error, context] = (await told) as [LoopCrashedError, ErrorContext];
    expect(error).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 4 });
    expect(context.origin).toBe('crash');
  });
});

describe('row 14: a result was sent, then the thread exits', () => {
  test('the result counts', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const before = loop.run(basic.add(2, 2));
    const exiting = loop.run(faulty.exit(3));
    expect(await before).toBe(4);
    await failureOf(exiting);
    const other = new WorkerLoop({ onUnhandled: 'ignore' });
    expect(await other.run(faulty.resultThenExit(3))).toBe('sent before');
    await failureOf(other.closed);
  });
});

describe('row 15: out of memory under resourceLimits', () => {
  test('jobs in flight reject with ERR_WORKER_OUT_OF_MEMORY as the cause, and the process lives', async () => {
    const { code, stdout } = await runProgram('out-of-memory');
    expect(JSON.parse(stdout)).toEqual({
      filling: { code: 'OFFLOOP_LOOP_CRASHED', cause: 'ERR_WORKER_OUT_OF_MEMORY' },
      neighbour: { code: 'OFFLOOP_LOOP_CRASHED', cause: 'ERR_WORKER_OUT_OF_MEMORY' },
      afterwards: 2,
    });
    expect(code).toBe(0);
  });
});

describe('row 16: stack overflow', () => {
  test('is a RangeError of the job, and the loop goes on', async () => {
    await using loop = new WorkerLoop();
    const error = await failureOf(loop.run(faulty.overflow()));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('call stack');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });
});

describe('row 17: a job that blocks its thread for ever', () => {
  test.each([
    ['an infinite loop', shared.spin],
    ['Atomics.wait', shared.waitForEver],
  ] as const)(
    '%s: rejects at its timeout, is interrupted, and the thread and the others go on',
    timed,
    async (_what, job) => {
      await using loop = new WorkerLoop({ name: 'blocked' });
      const words = sharedWords();
      await loop.run(basic.add(1, 1));
      const { threadId } = loop;
      const other = loop.run(basic.sleepFor(150));
      const took = await quickest(900, async () => {
        const begun = performance.now();
        const error = await failureOf(loop.run(job(words), { timeout: 100 }));
        expect(performance.now() - begun).toBeGreaterThan(95);
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error).toMatchObject({ rung: 'interrupt' });
        expect(error.message).toMatch(/on loop 'blocked' was not done 100 ms after it began/);
      });
      expect(took).toBeLessThan(900);
      expect(await loop.run(basic.add(1, 2))).toBe(3);
      expect(loop.threadId).toBe(threadId);
      expect(await other).toBe(150);
    },
  );

  test(
    'an infinite microtask loop: rejects at its timeout; it cannot be interrupted, so the thread is ended, and the others reject',
    timed,
    async () => {
      const loop = new WorkerLoop({ name: 'blocked', onUnhandled: 'ignore' });
      const words = sharedWords();
      await loop.run(basic.add(1, 1));
      const begun = performance.now();
      const stuck = loop.run(shared.spinMicrotasks(words), { timeout: 100 });
      const other = loop.run(shared.never(sharedWords()));
      const error = await failureOf(stuck);
      const took = performance.now() - begun;
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error.message).toMatch(/on loop 'blocked' was not done 100 ms after it began/);
      expect(took).toBeGreaterThan(95);
      expect(took).toBeLessThan(900);
      expect(other.done).toBe(false);
      const lost = await failureOf(other);
      expect(lost).toBeInstanceOf(LoopCrashedError);
      expect(lost.message).toMatch(/blocked its thread beyond its timeout/);
      await failureOf(loop.closed);
      expect(loop.threadId).toBe(-1);
    },
  );

  test('the timeout counts from the begin: a job that only waits in line does not time out', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    const waiting = loop.run(basic.add(1, 1), { timeout: 500 });
    await reported(gate);
    await sleep(600);
    expect(waiting.state).toBe('pending');
    openGate(gate);
    await blocking;
    expect(await waiting).toBe(2);
  });
});

describe('row 20: a job that never settles', () => {
  test('its timeout rejects it, it is counted as a zombie, and the loop goes on', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.never(words), { timeout: 30, name: 'for ever' });
    expect(await failureOf(future)).toBeInstanceOf(TimeoutError);
    expect(loop.stats().zombies).toBe(1);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(loop.state).toBe('running');
    const error = (await failureOf(loop.close({ mode: 'cancel', graceMs: 20 }))) as unknown as CloseTimeoutError;
    expect(error.unsettled).toEqual(['for ever']);
  });

  test('one that ends late is no zombie any more', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.refuseCancel(words), { timeout: 30 });
    expect(await failureOf(future)).toBeInstanceOf(TimeoutError);
    await loop.run(basic.add(1, 1));
    expect(loop.stats()).toMatchObject({ zombies: 0, inFlight: 0 });
  });
});
