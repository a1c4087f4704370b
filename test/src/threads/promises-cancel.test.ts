// Promises 2, 3 and 4: neighbours, the truth of cancel(), and that an async cancel costs no thread.
import { CancelledError, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, faulty, openGate, reported, shared, sharedWords } from './support.ts';

describe('promise 2: a neighbour is never hurt', () => {
  test('by jobs that throw, return what cannot be cloned, get such arguments, or are cancelled', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const neighbour = loop.run(shared.waitAtGate(words));
    await reported(words);
    const { threadId } = loop;
    await failureOf(loop.run(faulty.fail('now')));
    await failureOf(loop.run(faulty.throwStrangeAsync('null')));
    await failureOf(loop.run(faulty.returnFunction()));
    await failureOf(loop.run(faulty.returnDeeplyUncloneable()));
    await failureOf(loop.run(basic.echo(Symbol('x'))));
    await failureOf(loop.run(faulty.overflow()));
    const asleep = loop.run(basic.sleepFor(1e8));
    asleep.cancel();
    await failureOf(asleep);
    expect(neighbour.state).toBe('running');
    openGate(words);
    expect(await neighbour).toBe('released');
    expect(loop.threadId).toBe(threadId);
  });

  test('by a job of the same batch whose argument cannot be sent', async () => {
    await using loop = new WorkerLoop();
    const before = loop.run(basic.add(1, 1));
    const bad = loop.run(basic.echo({ hook() {} }));
    const after = loop.run(basic.add(2, 2));
    expect((await failureOf(bad)).code).toBe('OFFLOOP_NOT_CLONEABLE');
    expect(await before).toBe(2);
    expect(await after).toBe(4);
  });
});

describe('promise 3: cancel() tells the truth', () => {
  test('a job that waits behind a blocking one and whose cancel() returned true never runs', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const ran = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    const queued = loop.run(shared.count(ran));
    const callback = loop.callSoonThreadsafe(shared.count, ran);
    expect(queued.cancel('not needed')).toBe(true);
    expect(callback.cancel()).toBe(true);
    // The truth is known before the thread has answered: it is still blocked.
    expect(queued.state).toBe('cancelled');
    expect(callback.cancelled).toBe(true);
    expect(blocking.state).toBe('running');
    const error = await failureOf(queued);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.cause).toBe('not needed');
    openGate(gate);
    expect(await blocking).toBe('released');
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(ran[0]).toBe(0);
  });

  test('of a thousand queued jobs exactly those run whose cancel() was not called', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const list = sharedWords(1100);
    const blocking = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    const futures = Array.from({ length: 1000 }, (_, n) => loop.run(shared.append(list, n)));
    for (let n = 0; n < 1000; n += 2) expect(futures[n]?.cancel()).toBe(true);
    openGate(gate);
    await blocking;
    await Promise.allSettled(futures);
    expect([...list.subarray(1, 1 + Number(list[0]))]).toEqual(Array.from({ length: 500 }, (_, n) => 2 * n + 1));
  });

  test('a cancel that races with the begin and the end: true and no result, or false and a result', async () => {
    await using loop = new WorkerLoop();
    const ran = sharedWords();
    await loop.run(basic.add(0, 0));
    const outcomes = { dropped: 0, stopped: 0, refused: 0 };
    for (let round = 0; round < 300; round++) {
      const before = Number(ran[0]);
      const future = loop.run(shared.countAsync(ran));
      for (let spin = 0; spin < round * 20; spin++) Atomics.load(ran, 0);
      const queued = future.state === 'pending';
      const accepted = future.cancel();
      const dropped = accepted && future.done;
      const [outcome] = await Promise.allSettled([future]);
      expect(outcome?.status).toBe(accepted ? 'rejected' : 'fulfilled');
      // A barrier on the same loop: whatever was going to run has run.
      await loop.run(basic.add(0, 0));
      if (dropped) expect(Number(ran[0])).toBe(before);
      if (dropped) expect(queued).toBe(true);
      outcomes[dropped ? 'dropped' : accepted ? 'stopped' : 'refused']++;
    }
    expect(outcomes.dropped + outcomes.stopped + outcomes.refused).toBe(300);
  });

  test('cancel() after the end returns false and changes nothing', async () => {
    await using loop = new WorkerLoop();
    const future = loop.run(basic.add(1, 1));
    expect(await future).toBe(2);
    expect(future.cancel()).toBe(false);
    expect(future.state).toBe('done');
    const handle = loop.callSoonThreadsafe(basic.add, 1, 1);
    await loop.run(basic.add(1, 1));
    expect(handle.cancel()).toBe(false);
    expect(handle.cancelled).toBe(false);
  });

  test('a job that catches its cancel and returns has a result', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.refuseCancel(words));
    await reported(words);
    expect(future.cancel()).toBe(true);
    expect(future.state).toBe('cancelling');
    expect(await future).toBe('refused');
    expect(future.state).toBe('done');
  });
});

describe('promise 4: cancelling an async job costs no thread', () => {
  test('its await rejects, its finally runs, its neighbours and the thread go on', async () => {
    await using loop = new WorkerLoop();
    const mine = sharedWords();
    const other = sharedWords();
    const neighbour = loop.run(shared.waitAtGate(other));
    const future = loop.run(shared.sleepWithFinally(mine));
    await Promise.all([reported(mine), reported(other)]);
    const { threadId } = loop;
    expect(future.cancel(new Error('enough'))).toBe(true);
    const error = await failureOf(future);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: { message: 'enough' } });
    expect(mine[0]).toBe(1001);
    openGate(other);
    expect(await neighbour).toBe('released');
    expect(loop.threadId).toBe(threadId);
  });

  test('its signal aborts', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.waitForAbort(words));
    await reported(words);
    future.cancel();
    expect((await failureOf(future)).name).toBe('AbortError');
    expect(words[0]).toBe(1001);
  });

  test('a blocking job is stopped at its next checkCancelled(), and the thread lives', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const future = loop.run(shared.spinPolitely(words));
    await reported(words);
    const { threadId } = loop;
    expect(future.cancel()).toBe(true);
    expect(await failureOf(future)).toBeInstanceOf(CancelledError);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    expect(loop.threadId).toBe(threadId);
  });
});
