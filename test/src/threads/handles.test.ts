import { getLoopHandle, getMainLoop, jobModule, LoopHandle, setDefaultExecutor, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, openGate, reported, shared, sharedWords, thrownBy } from './support.js';

const jobs = jobModule<typeof import('../jobs/handles.js')>(new URL('../jobs/handles.js', import.meta.url));
const quiet = jobModule<typeof import('../jobs/handles-quiet.js')>(
  new URL('../jobs/handles-quiet.js', import.meta.url),
);

describe.each(['ring', 'port'] as const)('a handle that travels on the %s lane', (lane) => {
  test('is called from the thread where it has arrived: as an argument, and inside objects and arrays', async () => {
    await using a = new WorkerLoop({ lane });
    await using b = new WorkerLoop({ lane });
    await using c = new WorkerLoop({ lane });
    expect(await a.run(jobs.threadOf(b.handle))).toBe(b.threadId);
    const box = { list: [b.handle, c.handle, a.handle], by: { a: b.handle } };
    expect(await a.run(jobs.threadsIn(box))).toEqual([b.threadId, c.threadId, a.threadId, b.threadId]);
    // They were taken out of a copy.
    expect(box.list[0]).toBe(b.handle);
  });

  test('is the same one each time, and the own one of its own thread, also in an object that holds itself', async () => {
    await using a = new WorkerLoop({ lane });
    await using b = new WorkerLoop({ lane });
    await a.run(jobs.keep(b.handle));
    expect(await a.run(jobs.areSame(b.handle, b.handle))).toBe(true);
    const box: { self: unknown; handle: LoopHandle } = { self: undefined, handle: a.handle };
    box.self = box;
    expect(await a.run(jobs.isSelf(box))).toBe(true);
  });

  test('comes back as a result and as an item of a stream: to its owner as what it was', async () => {
    await using a = new WorkerLoop({ lane });
    await using b = new WorkerLoop({ lane });
    expect(await a.run(jobs.ownHandle())).toBe(a.handle);
    expect((await a.run(jobs.wrapped(b.handle))).handles[0]).toBe(b.handle);
    const items: unknown[] = [];
    for await (const item of a.run(jobs.handlesOneByOne([a.handle, b.handle]))) items.push(item);
    expect(items).toEqual([a.handle, b.handle]);
  });

  test('goes on from thread to thread, without its owner', async () => {
    await using a = new WorkerLoop({ lane });
    await using b = new WorkerLoop({ lane });
    const fromNested = await a.run(
      jobs.threadOf(await a.run(jobs.wrapped(b.handle)).then(({ handles }) => handles[0] as LoopHandle)),
    );
    expect(fromNested).toBe(b.threadId);
  });

  test('is in workerData and in the arguments of the setup', async () => {
    await using b = new WorkerLoop({ lane });
    await using inside = new WorkerLoop({ lane, workerData: { loop: b.handle, n: 1 }, setup: jobs.keep(b.handle) });
    expect(await inside.run(jobs.threadOfData())).toBe(b.threadId);
    expect(await inside.run(jobs.threadOfKept())).toBe(b.threadId);
    await using whole = new WorkerLoop({ lane, workerData: b.handle });
    expect(await whole.run(jobs.threadOfData())).toBe(b.threadId);
    expect(await whole.run(jobs.whatDataIs())).toBe('LoopHandle');
  });

  test('passes through a thread that has not loaded offloop, and wakes up when that does', async () => {
    await using a = new WorkerLoop({ lane, name: 'asleep' });
    await using b = new WorkerLoop({ lane, name: 'target' });
    expect(await a.run(quiet.keep(b.handle))).toBe('target');
    expect(await a.run(quiet.giveBack())).toBe(b.handle);
    expect(await a.run(quiet.threadOfKept())).toBe(b.threadId);
  });

  test('inside of what is no plain object or array is refused at the caller, with its place', async () => {
    await using a = new WorkerLoop({ lane });
    const error = await failureOf(a.run(basic.echo(new Map([['b', a.handle]]))));
    expect(error).toMatchObject({ code: 'OFFLOOP_NOT_CLONEABLE' });
    expect(error.message).toMatch(/argument 1 of echo\.get\('b'\) cannot .*LoopHandle.*plain objects/);
    expect(await a.run(basic.echo(1))).toBe(1);
  });
});

describe('what a handle calls', () => {
  test('runs while the main thread is blocked: a port of their own leads from thread to thread', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    expect(a.run(jobs.threadOf(b.handle)).resultSync(10_000)).toBe(b.threadId);
  });

  test('starts in the order in which it was scheduled, and delayed ones by their times', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const list = sharedWords(60);
    await a.run(jobs.inOrder(b.handle, list));
    expect([...list.subarray(1, 52)]).toEqual(Array.from({ length: 51 }, (_, n) => n));
    let timed: Int32Array;
    // Where the thread stood still while it asked, the times may have another order.
    do timed = sharedWords(8);
    while (!(await a.run(jobs.later(b.handle, timed))));
    expect([...timed.subarray(0, 5)]).toEqual([3, 1, 2, 3, 0]);
  });

  test('streams with back-pressure, and break runs the finally block of the job', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const word = sharedWords();
    expect(await a.run(jobs.relay(b.handle, word, 200))).toEqual(Array.from({ length: 200 }, (_, n) => n));
    const other = sharedWords();
    expect(await a.run(jobs.takeSome(b.handle, other, 3))).toEqual([0, 1, 2]);
    expect(other[1]).toBe(1);
    expect(other[0]).toBeLessThan(200);
  });

  test('fails with the face that its error has, and where nobody awaits it its owner or its thread tells', async () => {
    await using a = new WorkerLoop({ name: 'holder' });
    await using b = new WorkerLoop({ name: 'target' });
    expect(await failureOf(a.run(jobs.failThere(b.handle)))).toMatchObject({ name: 'TypeError', message: 'no luck' });
    const heard = new Promise<unknown[]>((resolve) =>
      b.once('error', (error, context) => resolve([String(error), context])),
    );
    await a.run(jobs.failThereUnawaited(b.handle, 'callback'));
    expect(await heard).toEqual(['TypeError: in a callback', { origin: 'callback', loop: 'target', job: 'fail' }]);
    const told = new Promise<unknown[]>((resolve) =>
      a.once('error', (error, context) => resolve([String(error), context])),
    );
    await a.run(jobs.failThereUnawaited(b.handle, 'future'));
    expect(await told).toEqual([
      'TypeError: in a future',
      { origin: 'unhandledRejection', loop: 'holder', job: undefined },
    ]);
  });

  test('is cancelled as everywhere: queued it never runs, running it is asked, and the cancel of who awaits it travels on', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const word = sharedWords();
    expect(await a.run(jobs.cancelThere(b.handle, word))).toEqual([
      true,
      'cancelled',
      true,
      'cancelling',
      'cancelled',
      'cancelled',
    ]);
    // Two jobs, and the finally block of the first.
    expect(word[0]).toBe(1002);
    const other = sharedWords();
    const future = a.run(jobs.awaitThere(b.handle, other));
    await reported(other);
    expect(future.cancel()).toBe(true);
    expect(await failureOf(future)).toMatchObject({ name: 'AbortError' });
    expect(other[0]).toBe(1001);
  });

  test('has a time-out, which asks it to cancel', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const word = sharedWords();
    expect(await failureOf(a.run(jobs.timeOutThere(b.handle, word)))).toMatchObject({
      name: 'TimeoutError',
      rung: 'cancel',
    });
  });

  test('is not interrupted where it blocks, and its thread lives on', async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const word = sharedWords();
    const future = a.run(jobs.blockThere(b.handle, word));
    expect(await failureOf(future)).toMatchObject({ name: 'TimeoutError', rung: 'cancel' });
    openGate(word);
    expect(await b.run(basic.fib(10))).toBe(55);
  });

  test("that blocks the thread is not taken for the owner's, whose time is over", async () => {
    await using a = new WorkerLoop();
    await using b = new WorkerLoop();
    const [word, gate] = [sharedWords(), sharedWords()];
    const slow = failureOf(b.run(shared.sleepWithFinally(word), { timeout: 100 }));
    await reported(word);
    // The owner would end the thread when it does not answer three times, a second each.
    const blocking = a.run(jobs.blockFor(b.handle, gate, 3500));
    await reported(gate);
    expect(await slow).toMatchObject({ name: 'TimeoutError', rung: 'cancel' });
    expect(await blocking).toBe('blocked');
    expect(b.isClosed).toBe(false);
  });

  test('is taken from an executor of another thread, too: a handle is one', async () => {
    await using a = new WorkerLoop();
    const handle = await a.run(jobs.ownHandle());
    setDefaultExecutor(handle);
    try {
      expect(await jobs.whichThread()).toBe(a.threadId);
    } finally {
      setDefaultExecutor(undefined);
    }
  });
});

describe('the main loop', () => {
  test('is called by a job, and by one in a loop of that', async () => {
    await using a = new WorkerLoop();
    expect(await a.run(jobs.threadOfMain())).toBe(0);
    expect(await a.run(jobs.threadOfMainFromWithin())).toBe(0);
    // The jobs of a loop and of its handle are one queue.
    expect(await a.run(jobs.threadOf(getMainLoop()))).toBe(0);
  });

  test('has a handle in its own thread, which is its own handle', async () => {
    expect(getMainLoop()).toBe(getLoopHandle());
    expect(getMainLoop()).toBeInstanceOf(LoopHandle);
    expect(getMainLoop().threadId).toBe(0);
    expect(await getMainLoop().run(basic.fib(10))).toBe(55);
  });

  test('calls that wait for a blocked main thread run when it turns again', async () => {
    await using a = new WorkerLoop();
    const word = sharedWords();
    const future = a.run(jobs.startThere(getMainLoop(), word));
    expect(future.resultSync(5000)).toBe(undefined);
    expect(word[0]).toBe(0);
    await reported(word);
  });
});

test('a call that a closing loop gets from a thread that has not heard of it is refused', async () => {
  await using a = new WorkerLoop();
  const b = new WorkerLoop({ name: 'closing' });
  const [word, gate] = [sharedWords(), sharedWords()];
  const late = a.run(jobs.callWhenTold(b.handle, word));
  await reported(word);
  const job = b.run(shared.waitAtGate(gate));
  await reported(gate);
  const closed = b.close();
  // It answers behind the news.
  await b.tasks();
  openGate(word);
  expect(await late).toEqual([false, "loop 'closing' is closing and takes no more work"]);
  openGate(gate);
  expect(await job).toBe('released');
  await closed;
});

test('a job keeps its loop open that another thread has asked for, and is told that the loop closes', async () => {
  await using a = new WorkerLoop();
  const b = new WorkerLoop();
  const word = sharedWords();
  const outcomes = a.run(jobs.outcomesThere(b.handle, word));
  await reported(word);
  const closed = b.close();
  word[1] = 1;
  expect(await outcomes).toEqual(['done released', 'LoopClosedError', 'LoopClosedError', 'true']);
  await closed;
  expect(thrownBy(() => b.handle.callSoonThreadsafe(shared.count, word))).toMatchObject({
    code: 'OFFLOOP_LOOP_CLOSED',
  });
});
