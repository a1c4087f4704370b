// Rows 38 to 40 of what offloop survives, and promise 8: queues have limits, and streams have credits.
import { CancelledError, QueueFullError, sleep, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { collect } from '../collect.ts';
import { basic, failureOf, openGate, reported, shared, sharedWords, until } from './support.ts';

describe('row 38 and promise 8: the queue is full', () => {
  test('an error at once that names the limit; what was accepted runs, and then there is room again', async () => {
    await using loop = new WorkerLoop({ maxQueue: 3 });
    const gate = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    const accepted = [loop.run(basic.add(1, 1)), loop.run(basic.add(2, 2))];
    const refused = loop.run(basic.add(3, 3));
    expect(refused.state).toBe('failed');
    const error = await failureOf(refused);
    expect(error).toBeInstanceOf(QueueFullError);
    expect(error.code).toBe('OFFLOOP_QUEUE_FULL');
    expect(error.message).toMatch(/limit \(maxQueue\) is 3; wait.*raise/);
    expect(() => loop.callSoonThreadsafe(basic.add, 1, 1)).toThrow(QueueFullError);
    openGate(gate);
    await blocking;
    expect(await Promise.all(accepted)).toEqual([2, 4]);
    expect(await loop.run(basic.add(4, 4))).toBe(8);
  });

  test('a queued job that was cancelled gives its place back at once', async () => {
    await using loop = new WorkerLoop({ maxQueue: 2 });
    const gate = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    await reported(gate);
    const queued = loop.run(basic.add(1, 1));
    expect(loop.run(basic.add(1, 1)).exception()).toBeInstanceOf(QueueFullError);
    queued.cancel();
    const next = loop.run(basic.add(2, 2));
    openGate(gate);
    await blocking;
    expect(await next).toBe(4);
  });

  test('there is a limit by default', async () => {
    await using loop = new WorkerLoop();
    const gate = sharedWords();
    const blocking = loop.run(shared.blockAtGate(gate));
    for (let i = 1; i < 262_144; i++) loop.callSoonThreadsafe(basic.add, 1, 1);
    expect(() => loop.callSoonThreadsafe(basic.add, 1, 1)).toThrow(/limit \(maxQueue\) is 262144/);
    openGate(gate);
    await blocking;
    await loop.close({ mode: 'cancel' });
  });
});

describe('row 39 and promise 8: a slow consumer of a stream', () => {
  test('the producer waits for credits and is never more than a window ahead', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    let taken = 0;
    let lead = 0;
    for await (const item of loop.run(shared.produce(words, 2000))) {
      expect(item).toBe(taken++);
      // An item that is on its way counts as ahead, and so does the one that is just being made.
      lead = Math.max(lead, Number(words[0]) - taken);
      if (taken % 100 === 0) await sleep(1);
    }
    expect(taken).toBe(2000);
    expect(lead).toBeLessThanOrEqual(97);
  });

  test('a consumer that takes nothing stops the producer', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const iterator = loop.run(shared.produce(words, 1e6))[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 0 });
    await until(() => words[0] === 64, 'a window full of items');
    for (let i = 0; i < 5; i++) await loop.run(basic.sleepFor(2));
    expect(words[0]).toBe(64);
    await iterator.return?.();
  });

  test('memory stays flat: 400 MB pass through, and no more than a window of it is ever held here', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    let most = 0;
    let taken = 0;
    const before = process.memoryUsage().arrayBuffers;
    for await (const item of loop.run(shared.produce(words, 400, 2 ** 20))) {
      taken += (item as Uint8Array).byteLength;
      if (taken % (40 * 2 ** 20) !== 0) continue;
      collect();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(taken).toBe(400 * 2 ** 20);
    // A window is 64 items; one more is in the hand.
    expect(most).toBeLessThan(66 * 2 ** 20);
  });
});

describe('row 40: the consumer breaks out of for await', () => {
  test("the job's finally has run when the loop is left, and nothing is in flight", async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const stream = loop.run(shared.produce(words, 1e6));
    for await (const item of stream) if (item === 10) break;
    expect(words[1]).toBe(1);
    expect(stream.done).toBe(true);
    expect(loop.stats().inFlight).toBe(0);
    expect(words[0]).toBeLessThan(200);
  });

  test('an error thrown in the loop body does the same', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const taking = (async () => {
      for await (const item of loop.run(shared.produce(words, 1e6))) if (item === 3) throw new Error('mine');
    })();
    expect((await failureOf(taking)).message).toBe('mine');
    expect(words[1]).toBe(1);
  });

  test('cancel() of a stream ends the iteration with CancelledError, and runs the finally', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const stream = loop.run(shared.produce(words, 1e6));
    const taking = (async () => {
      for await (const item of stream) if (item === 100) expect(stream.cancel()).toBe(true);
    })();
    expect(await failureOf(taking)).toBeInstanceOf(CancelledError);
    expect(words[1]).toBe(1);
  });

  test('an error of the job comes after all items before it', async () => {
    await using loop = new WorkerLoop();
    const items: number[] = [];
    const taking = (async () => {
      for await (const item of loop.run(shared.failAfter(200))) items.push(item);
    })();
    expect(await failureOf(taking)).toBeInstanceOf(RangeError);
    expect(items).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('a stream that is taken long after its job has begun is complete', async () => {
    await using loop = new WorkerLoop();
    const stream = loop.run(basic.countTo(100));
    const begun = loop.tasks();
    expect(await begun).toHaveLength(1);
    expect(await loop.run(basic.add(1, 1))).toBe(2);
    const items: number[] = [];
    for await (const item of stream) items.push(item);
    expect(items).toHaveLength(100);
  });

  test('awaiting a stream, and iterating over a future, are told apart by their errors', async () => {
    await using loop = new WorkerLoop();
    const words = sharedWords();
    const awaited = loop.run(shared.produce(words, 10)) as unknown as PromiseLike<unknown>;
    expect(await failureOf(awaited)).toMatchObject({
      code: 'OFFLOOP_IS_A_STREAM',
      message: expect.stringContaining('for await') as string,
    });
    await until(() => words[1] === 1 || words[0] === 0, 'the end of the generator');
    const iterating = (async () => {
      for await (const item of loop.run(basic.add(1, 1)) as unknown as AsyncIterable<number>)
        expect(item).toBe('never');
    })();
    expect(await failureOf(iterating)).toMatchObject({
      code: 'OFFLOOP_NOT_A_STREAM',
      message: expect.stringContaining('await its future') as string,
    });
    expect(await loop.run(basic.add(1, 1))).toBe(2);
  });
});
