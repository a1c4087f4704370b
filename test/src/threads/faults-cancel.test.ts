// Rows 21 to 24 of what offloop survives: cancel in every phase, and the end of a loop that has not begun.
import { getEventListeners } from 'node:events';

import { CancelledError, LoopClosedError, WorkerLoop, type Handle } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, openGate, reported, shared, sharedWords } from './support.ts';

describe('row 21: cancel in every phase', () => {
  test('before scheduling: a signal that has aborted means that nothing is sent', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.count(words), { signal: AbortSignal.abort(new Error('too late')) });
    expect(future.state).toBe('cancelled');
    expect(loop.stats().inFlight).toBe(0);
    expect(await failureOf(future)).toMatchObject({ name: 'AbortError', cause: { message: 'too late' } });
    await loop.run(basic.add(1, 1));
    expect(words[0]).toBe(0);
  });

  test('while the loop still starts', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.count(words));
    expect(loop.state).toBe('starting');
    expect(future.cancel()).toBe(true);
    await failureOf(future);
    await loop.run(basic.add(1, 1));
    expect(words[0]).toBe(0);
  });

  test('while queued, by a signal: it never runs', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const ran = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    const controller = new AbortController();
    const queued = loop.run(shared.count(ran), { signal: controller.signal });
    controller.abort('changed my mind');
    expect(queued.state).toBe('cancelled');
    openGate(gate);
    await blocking;
    await loop.run(basic.add(1, 1));
    expect(ran[0]).toBe(0);
    expect(await failureOf(queued)).toMatchObject({ cause: 'changed my mind' });
  });

  test('while running: one outcome, told once', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.sleepWithFinally(words));
    let told = 0;
    future.addDoneCallback(() => told++);
    await reported(words);
    expect(future.cancel('first')).toBe(true);
    // True or false, as far as the job has come meanwhile; the first reason counts.
    future.cancel('second');
    expect(await failureOf(future)).toMatchObject({ cause: 'first' });
    await loop.run(basic.add(1, 1));
    expect(told).toBe(1);
    expect(words[0]).toBe(1001);
  });

  test('while waiting for its time: a delayed callback that was cancelled never runs, and holds no close', async () => {
    await using loop = new WorkerLoop();
    let words: Int32Array;
    let witness: Int32Array;
    let handle: Handle;
    let tries = 0;
    // Where this thread stands still in between, its time may have come.
    do {
      [words, witness] = [sharedWords(), sharedWords()];
      handle = loop.callLaterThreadsafe(20, shared.count, words);
      loop.callLaterThreadsafe(20, shared.count, witness);
    } while (!handle.cancel() && ++tries < 5);
    expect(handle).toMatchObject({ cancelled: true, done: true });
    expect(handle.cancel()).toBe(false);
    await reported(witness);
    expect(words[0]).toBe(0);
  });

  test.each(['done', 'failed', 'cancelled while running', 'cancelled while queued', 'timed out', 'lost'])(
    'no listener is left on the signal: %s',
    async (how) => {
      const loop = new WorkerLoop({ onUnhandled: 'ignore' });
      const words = sharedWords();
      const { signal } = new AbortController();
      const future =
        how === 'done'
          ? loop.run(basic.add(1, 1), { signal })
          : how === 'failed'
            ? loop.run(basic.echo(1n), { signal, timeout: 1e7 })
            : loop.run(shared.never(words), { signal, ...(how === 'timed out' ? { timeout: 10 } : {}) });
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      if (how === 'cancelled while running') await reported(words);
      if (how.startsWith('cancelled')) future.cancel();
      if (how === 'lost' || how === 'cancelled while running') await loop.close({ mode: 'terminate' });
      await Promise.allSettled([future]);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      await loop.close({ mode: 'terminate' });
    },
  );
});

describe('row 22: cancel of one of many jobs on a loop', () => {
  test('the neighbours go on', async () => {
    await using loop = new WorkerLoop();
    const words = Array.from({ length: 10 }, () => sharedWords());
    const futures = words.map((each) => loop.run(shared.waitAtGate(each)));
    await Promise.all(words.map((each) => reported(each)));
    expect(futures[4]?.cancel()).toBe(true);
    await failureOf(futures[4] as PromiseLike<string>);
    words.forEach(openGate);
    const outcomes = await Promise.allSettled(futures);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(9);
  });
});

describe('row 23: a blocking job that must see a cancel', () => {
  test('checkCancelled() reads shared memory: the job stops, and what was queued behind it runs', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const polite = loop.run(shared.spinPolitely(words));
    const behind = loop.run(basic.add(1, 1));
    await reported(words);
    expect(polite.cancel('stop, please')).toBe(true);
    const error = await failureOf(polite);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.cause).toBe('stop, please');
    expect(await behind).toBe(2);
  });

  test('a timeout reaches it in the same way, and the thread lives', async () => {
    await using loop = new WorkerLoop();
    const polite = loop.run(shared.spinPolitely(sharedWords()), { timeout: 40 });
    expect((await failureOf(polite)).code).toBe('OFFLOOP_TIMEOUT');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(loop.stats().zombies).toBe(0);
  });
});

describe('row 24: close while starting', () => {
  test('terminate: everything pending rejects, and no thread is left', async () => {
    const loop = new WorkerLoop();
    const futures = [loop.run(basic.add(1, 1)), loop.run(basic.sleepFor(5))];
    const handle = loop.callSoonThreadsafe(basic.add, 1, 1);
    expect(loop.state).toBe('starting');
    const closed = loop.close({ mode: 'terminate' });
    for (const future of futures) expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
    await closed;
    expect(handle.done).toBe(true);
    expect(loop.threadId).toBe(-1);
    expect(loop.state).toBe('closed');
  });

  test('cancel: everything pending is cancelled, and nothing has run', async () => {
    const loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.count(words));
    const closed = loop.close({ mode: 'cancel' });
    expect(await failureOf(future)).toBeInstanceOf(CancelledError);
    await closed;
    expect(words[0]).toBe(0);
    expect(loop.threadId).toBe(-1);
  });

  test('drain: what was accepted still runs', async () => {
    const loop = new WorkerLoop();
    const future = loop.run(basic.add(1, 1));
    const closed = loop.close();
    expect(await future).toBe(2);
    await closed;
    expect(loop.threadId).toBe(-1);
  });

  test.each(['drain', 'cancel'] as const)(
    '%s during a setup: the loop closes once the setup has ended',
    async (mode) => {
      const words = sharedWords();
      const loop = new WorkerLoop({ setup: shared.waitAtGate(words) });
      const future = loop.run(basic.add(1, 1));
      await reported(words);
      const closed = loop.close({ mode, graceMs: Infinity });
      expect(loop.state).toBe('closing');
      // Answered by the thread, so it has taken in the close while its setup still waits.
      await loop.tasks();
      openGate(words);
      await Promise.allSettled([future]);
      expect(future.state).toBe(mode === 'drain' ? 'done' : 'cancelled');
      await closed;
      expect(loop.threadId).toBe(-1);
    },
  );

  test('terminate during a setup that never ends', async () => {
    const words = sharedWords();
    const loop = new WorkerLoop({ setup: shared.never(words) });
    const future = loop.run(basic.add(1, 1));
    await reported(words);
    await loop.close({ mode: 'terminate' });
    expect(await failureOf(future)).toBeInstanceOf(LoopClosedError);
  });
});
