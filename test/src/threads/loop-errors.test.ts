// What becomes of errors that nobody awaits: the policies of onUnhandled, and failFast.
import { once } from 'node:events';

import { CancelledError, JobError, setDefaultExecutor, WorkerLoop, type ErrorContext } from 'offloop';
import { afterEach, describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { basic, failureOf, faulty, place, reported, runProgram, shared, sharedWords, thrownBy } from './support.ts';

describe('onUnhandled', () => {
  test("'emit' without a listener throws in the owner's thread (see row 12); with one, the process lives", async () => {
    await using loop = new WorkerLoop({ name: 'emitting', onUnhandled: 'emit' });
    const told = once(loop, 'error');
    loop.callSoonThreadsafe(faulty.throwStrange, 'string');
    const [error, context] = (await told) as [Error, ErrorContext];
    expect(error).toBeInstanceOf(JobError);
    expect(error.cause).toBe('a string');
    expect(context).toEqual({ origin: 'callback', loop: 'emitting', job: 'throwStrange' });
  });

  test("'throw' is an uncaught exception, also where a listener is", async () => {
    const { code, stderr, stdout } = await runProgram('policies', { args: ['throw'] });
    expect(stderr).toContain('TypeError: nobody awaits this');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test("'warn' is a process warning that names the loop and the job", async () => {
    const { code, stderr, stdout } = await runProgram('policies', { args: ['warn'] });
    expect(stderr).toMatch(/OffloopWarning: unhandled in loop 'policed', job fail: TypeError: nobody awaits this/);
    expect(stdout).toBe('ended, unhandled: 1\n');
    expect(code).toBe(0);
  });

  test("'ignore' only counts", async () => {
    const { code, stderr, stdout } = await runProgram('policies', { args: ['ignore'] });
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: 'ended, unhandled: 1\n' });
  });

  test('what a listener throws is an uncaught exception and hurts no work that arrives in the same message', async () => {
    const { code, stderr, stdout } = await runProgram('policies', { args: ['listener-throws'] });
    expect(stdout).toBe('caught: from the listener\nsum: 2\n');
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

describe('failFast', () => {
  test('the first error cancels everything on the loop and closes it; loop.closed rejects with it', async () => {
    const loop = new WorkerLoop({ name: 'fragile', failFast: true });
    const words = sharedWords();
    const neighbour = loop.run(shared.sleepWithFinally(words));
    await reported(words);
    const errors: unknown[] = [];
    loop.on('error', (error) => errors.push(error));
    loop.callSoonThreadsafe(faulty.fail, 'the first');
    expect(await failureOf(neighbour)).toBeInstanceOf(CancelledError);
    const error = await failureOf(loop.closed);
    expect(error.message).toBe('the first');
    expect(words[0]).toBe(1001);
    expect(errors).toEqual([error]);
    const late = await failureOf(loop.run(basic.add(1, 1)));
    expect(late).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED', cause: error });
  });

  test('an error that somebody awaits does not', async () => {
    await using loop = new WorkerLoop({ failFast: true });
    await failureOf(loop.run(faulty.fail('awaited')));
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(loop.state).toBe('running');
  });
});

describe('the default executor', () => {
  afterEach(() => setDefaultExecutor(undefined));

  test('await of a coroutine runs it in another thread', async () => {
    expect(await basic.fib(10)).toBe(55);
    expect(await place.where()).toMatchObject({ name: 'default-1', isMain: false });
    const items: number[] = [];
    for await (const item of basic.countTo(3)) items.push(item);
    expect(items).toEqual([1, 2, 3]);
  });

  test('setDefaultExecutor replaces it, and undefined goes back', async () => {
    await using loop = new WorkerLoop({ name: 'mine' });
    setDefaultExecutor(loop);
    expect((await place.where()).name).toBe('mine');
    setDefaultExecutor(undefined);
    expect((await place.where()).name).toMatch(/^default-\d+$/);
  });

  test('one that was closed is used no more', async () => {
    const loop = new WorkerLoop({ name: 'mine' });
    setDefaultExecutor(loop);
    await loop.close();
    expect((await place.where()).name).toMatch(/^default-\d+$/);
  });

  test('anything else than an executor is refused with advice', () => {
    expect(thrownBy(() => setDefaultExecutor({} as never))).toMatchObject({
      code: 'OFFLOOP_INVALID_ARGUMENT',
      message: expect.stringMatching(/run\(coroutine\); got \{\}/) as string,
    });
  });
});

describe('promise 9: the main loop stays free', () => {
  test('while the thread is blocked, and while its loop closes', timed, async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const spinning = loop.run(shared.spin(words));
    await reported(words);
    let ticks = 0;
    const ticker = setInterval(() => ticks++, 1);
    const asked = performance.now();
    const closed = loop.close({ mode: 'cancel', graceMs: 50 });
    const took = performance.now() - asked;
    await failureOf(closed);
    clearInterval(ticker);
    await failureOf(spinning);
    expect(took).toBeLessThan(20);
    expect(ticks).toBeGreaterThan(10);
  });

  test('30,000 replies that have piled up keep nothing else from its turn', timed, async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    await loop.run(basic.add(1, 1));
    // So many calls fit the ring: what overflows it would wait for this thread, which blocks below.
    const futures = Array.from({ length: 30_000 }, () => loop.run(basic.add(1, 1)));
    const last = loop.run(shared.count(words));
    await Promise.resolve();
    // Every job runs while this thread is blocked; then all of their replies are there at once.
    expect(Atomics.wait(words, 0, 0, 5000)).not.toBe('timed-out');
    let longest = 0;
    let turns = 0;
    let before = performance.now();
    const note = (): void => {
      longest = Math.max(longest, performance.now() - before);
      before = performance.now();
      turns++;
      if (!last.done) setImmediate(note);
    };
    setImmediate(note);
    await last;
    expect(futures.every((each) => each.done)).toBe(true);
    // At half a millisecond a turn; the bound leaves room for a garbage collection and a busy machine.
    expect(turns).toBeGreaterThan(8);
    expect(longest).toBeLessThan(50);
  });
});
