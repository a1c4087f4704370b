// How a loop begins and ends: setup, teardown, the three modes of close(), its deadline, stop(), and await using.
import { CancelledError, CloseTimeoutError, LoopClosedError, WorkerLoop, type Future } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { basic, failureOf, faulty, openGate, place, reported, shared, sharedWords } from './support.ts';

describe('setup and teardown', () => {
  test('the setup has ended before the first job begins, and shares its module with the jobs', async () => {
    await using loop = new WorkerLoop({ setup: place.setUp(41) });
    const future = loop.run(place.remember(1));
    expect(loop.state).toBe('starting');
    expect(await future).toBe(42);
    expect(loop.state).toBe('running');
  });

  test('the teardown runs once, after the last job', async () => {
    const words = sharedWords();
    const loop = new WorkerLoop({ teardown: place.tearDown(words) });
    const last = loop.run(place.readLater(20, words));
    await loop.close();
    expect(await last).toBe(0);
    expect(words[0]).toBe(1);
  });

  test('an object that both are given is two there, as with any two jobs', async () => {
    const note = { words: sharedWords() };
    const loop = new WorkerLoop({ setup: place.leaveMark(note), teardown: place.leaveMark(note) });
    await loop.close();
    expect([...note.words.subarray(0, 2)]).toEqual([2, 0]);
  });

  test.each([
    ['cancel', 1],
    ['terminate', 0],
  ] as const)('mode %s runs the teardown %i times', async (mode, times) => {
    const words = sharedWords();
    const loop = new WorkerLoop({ teardown: place.tearDown(words) });
    await loop.run(basic.add(1, 1));
    await loop.close({ mode });
    expect(words[0]).toBe(times);
  });

  test('a teardown that fails rejects close() with its error, and the loop is closed', async () => {
    const loop = new WorkerLoop({ teardown: faulty.fail('cannot tidy up') });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    const error = await failureOf(loop.close());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('cannot tidy up');
    expect(loop.state).toBe('closed');
    expect(await failureOf(loop.closed)).toBe(error);
  });

  test('a setup that fails rejects loop.closed and tells the reason', async () => {
    const loop = new WorkerLoop({ name: 'unready', setup: place.failSetUp('no licence'), onUnhandled: 'ignore' });
    const error = await failureOf(loop.closed);
    expect(error).toMatchObject({
      code: 'OFFLOOP_LOOP_START',
      message: expect.stringContaining("the setup of loop 'unready' failed: no licence") as string,
    });
    expect(error.cause).toBeInstanceOf(RangeError);
  });
});

describe('close', () => {
  test('drain: what was accepted runs to its end, new work is refused, delayed callbacks are dropped', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const gate = sharedWords();
    const list = sharedWords(16);
    const blocking = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    const queued = [1, 2, 3].map((n) => loop.run(shared.appendAsync(list, n)));
    const later = loop.callLaterThreadsafe(1e7, shared.append, list, 99);
    const closed = loop.close();
    expect(loop.state).toBe('closing');
    expect(loop.isClosed).toBe(true);
    expect(await failureOf(loop.run(basic.add(1, 1)))).toBeInstanceOf(LoopClosedError);
    expect(() => loop.callSoonThreadsafe(basic.add, 1, 1)).toThrow(LoopClosedError);
    openGate(gate);
    expect(await blocking).toBe('released');
    await Promise.all(queued);
    await closed;
    expect([...list.subarray(0, 4)]).toEqual([3, 1, 2, 3]);
    expect(later.cancelled).toBe(true);
    expect(loop.threadId).toBe(-1);
  });

  test('cancel: what runs is cancelled and its finally runs, what is queued never runs', async () => {
    const loop = new WorkerLoop();
    const running = sharedWords();
    const polite = sharedWords();
    const queued = sharedWords();
    const futures = [
      loop.run(shared.sleepWithFinally(running)),
      loop.run(shared.spinPolitely(polite)),
      loop.run(shared.count(queued)),
    ];
    await Promise.all([reported(running), reported(polite)]);
    await loop.close({ mode: 'cancel' });
    for (const future of futures) expect(await failureOf(future)).toBeInstanceOf(CancelledError);
    expect([running[0], polite[0], queued[0]]).toEqual([1001, 1, 0]);
  });

  // Each error had a stack of its own, here and in the thread: ten thousand tasks took longer than their time, and were lost.
  test('cancel: what it cancels is told one and the same reason, whether it runs or not, and is being cancelled until then', async () => {
    const loop = new WorkerLoop({ name: 'gone' });
    const [running, queued] = [sharedWords(), sharedWords()];
    const futures: Future<unknown>[] = [1, 2, 3].map(() => loop.run(shared.sleepWithFinally(running)));
    await reported(running, 3);
    futures.push(loop.run(shared.spinPolitely(queued)), loop.run(shared.count(queued)));
    const closing = loop.close({ mode: 'cancel' });
    expect(futures.map(({ state }) => state).slice(0, 3)).toEqual(new Array(3).fill('cancelling'));
    await closing;
    const [first, ...others] = await Promise.all(futures.map(failureOf));
    expect(first).toMatchObject({ code: 'ABORT_ERR', message: "loop 'gone' was closed" });
    for (const error of others) expect(error).toBe(first);
  });

  test('terminate: the thread ends now and no finally runs', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.sleepWithFinally(words));
    await reported(words);
    await loop.close({ mode: 'terminate' });
    expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
    expect(words[0]).toBe(1);
    await loop.closed;
  });

  test(
    'promise 8, drain beyond its deadline: cancelled, then terminated, and CloseTimeoutError names what was unsettled (S18)',
    timed,
    async () => {
      const loop = new WorkerLoop({ name: 'slow to leave' });
      const words = sharedWords();
      const stubborn = loop.run(shared.never(words), { name: 'the stubborn one' });
      const unnamed = loop.run(shared.never(words));
      const pliant = loop.run(shared.sleepWithFinally(words));
      await reported(words, 3);
      const begun = performance.now();
      const error = (await failureOf(loop.close({ graceMs: 50 }))) as unknown as CloseTimeoutError;
      const took = performance.now() - begun;
      expect(error).toBeInstanceOf(CloseTimeoutError);
      expect(error.code).toBe('OFFLOOP_CLOSE_TIMEOUT');
      expect(error.unsettled).toEqual(['the stubborn one', 'never']);
      expect(error.message).toMatch(/'slow to leave'.*the stubborn one, never/);
      expect(took).toBeGreaterThan(1000);
      expect(took).toBeLessThan(3000);
      expect(await failureOf(pliant)).toBeInstanceOf(CancelledError);
      for (const future of [stubborn, unnamed])
        expect(await failureOf(future)).toMatchObject({ code: 'OFFLOOP_LOOP_CLOSED', cause: error });
      expect(loop.state).toBe('closed');
    },
  );

  test('cancel beyond its deadline: a thread that is blocked is terminated', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.spin(words));
    await reported(words);
    const error = (await failureOf(loop.close({ mode: 'cancel', graceMs: 30 }))) as unknown as CloseTimeoutError;
    expect(error.unsettled).toEqual(['spin']);
    expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
  });

  test('may be called again, to close faster', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.spin(words));
    await reported(words);
    const gently = loop.close({ graceMs: Infinity });
    const hard = loop.close({ mode: 'terminate' });
    await Promise.all([gently, hard]);
    expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
    await loop.close();
  });

  test('two loops that close at once do not wait for each other', async () => {
    const words = sharedWords();
    const blocked = new WorkerLoop();
    const free = new WorkerLoop();
    const future = blocked.run(shared.blockAtGate(words));
    await reported(words);
    const closing = blocked.close();
    await free.close();
    expect(future.done).toBe(false);
    openGate(words);
    await closing;
    expect(await future).toBe('released');
  });
});

describe('stop', () => {
  test('takes no more work and has no deadline; everything that was accepted ends, then the thread', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.waitAtGate(words));
    await reported(words);
    loop.stop();
    expect(loop.state).toBe('closing');
    expect(await failureOf(loop.run(basic.add(1, 1)))).toBeInstanceOf(LoopClosedError);
    openGate(words);
    expect(await future).toBe('released');
    await loop.closed;
    expect(loop.threadId).toBe(-1);
  });

  test('a job can stop its own loop', async () => {
    const loop = new WorkerLoop({ name: 'suicidal' });
    expect(await loop.run(shared.stopOwnLoop())).toBe('suicidal');
    await loop.closed;
    expect(loop.state).toBe('closed');
  });
});

describe('await using', () => {
  test('waits for what was accepted, and for the end of the thread', async () => {
    const words = sharedWords();
    let future: PromiseLike<number>;
    let used: WorkerLoop;
    {
      await using loop = new WorkerLoop({ teardown: place.tearDown(words) });
      future = loop.run(basic.sleepFor(20));
      used = loop;
    }
    expect(await future).toBe(20);
    expect(used).toMatchObject({ state: 'closed', threadId: -1 });
    expect(words[0]).toBe(1);
  });
});
