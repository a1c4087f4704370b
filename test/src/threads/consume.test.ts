import { consume, LoopPool, memoryQueue, WorkerLoop, type ConsumeErrorContext, type DeadLetter } from 'offloop';
import { describe, expect, test } from 'vitest';

import { messages } from './consume-support.ts';
import { openGate, reported, sharedWords, thrownBy, until } from './support.ts';

describe('consume', () => {
  test('runs a job reference with the data of each message, on a loop, and tells what came of it', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    await using consumer = consume(queue, messages.double, { on: loop, concurrency: 2 });
    const results: unknown[] = [];
    consumer.on('done', ({ data, attempt, result }) => results.push([data, attempt, result]));
    for (const n of [1, 2, 3]) await queue.put(n);
    await queue.join();
    await until(() => results.length === 3, 'three events');
    expect(results).toEqual([
      [1, 1, 2],
      [2, 1, 4],
      [3, 1, 6],
    ]);
    const counts = { active: 0, done: 3, failed: 0, givenUp: 0, lost: 0, zombies: 0 };
    expect(consumer.stats()).toEqual({ state: 'running', concurrency: 2, ...counts });
    expect(consumer.health()).toEqual({ isHealthy: true, state: 'running', source: { state: 'up' } });
  });

  test('a function makes the coroutine of the data and the delivery', async () => {
    await using pool = new LoopPool({ size: 2, daemon: true });
    const queue = memoryQueue<string>({ name: 'orders' });
    const seen: string[] = [];
    const results: unknown[] = [];
    await using consumer = consume(
      queue,
      (order, { id, name, attempt }) => {
        seen.push(`${name} ${typeof id} ${attempt}`);
        return messages.obey(order);
      },
      { on: pool },
    );
    consumer.on('done', ({ result }) => results.push(result));
    await queue.put('this');
    await queue.join();
    await until(() => results.length === 1, 'an event');
    expect(seen).toEqual(['orders string 1']);
    expect(results).toEqual(['done this']);
    expect(consumer.stats().concurrency).toBe(2);
  });

  test('has no more under way than its concurrency: the others wait in the queue', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<number>();
    const words = sharedWords();
    for (let n = 0; n < 10; n++) await queue.put(n);
    await using consumer = consume(queue, (n) => messages.workAtGate(n, words), { on: loop, concurrency: 3 });
    await reported(words, 3);
    expect(consumer.stats().active).toBe(3);
    expect(queue.stats()).toMatchObject({ waiting: 7, held: 3 });
    openGate(words);
    await queue.join();
    expect(consumer.stats().done).toBe(10);
  });

  test('a job reference without a place runs on the default executor', async () => {
    const queue = memoryQueue<number>();
    await using consumer = consume(queue, messages.double);
    await queue.put(4);
    await queue.join();
    expect(consumer.stats()).toMatchObject({ done: 1, concurrency: 1 });
  });

  test('a pool that is full of other work is waited for, and that is no attempt', async () => {
    await using pool = new LoopPool({ size: 1, concurrency: 1, maxQueue: 1, daemon: true });
    const words = sharedWords();
    const others = [pool.run(messages.workAtGate(0, words))];
    await reported(words);
    others.push(pool.run(messages.double(1)));
    const queue = memoryQueue<number>();
    const errors: unknown[] = [];
    await using consumer = consume(queue, messages.double, {
      on: pool,
      concurrency: 2,
      onError: (error) => errors.push(error),
    });
    await queue.put(1);
    await queue.put(2);
    await until(() => consumer.stats().active === 2, 'two jobs that wait for room');
    openGate(words);
    await queue.join();
    await Promise.all(others);
    expect(consumer.stats()).toMatchObject({ done: 2, failed: 0 });
    expect(errors).toEqual([]);
  });

  test('options and arguments that cannot be used are told with their value', () => {
    const queue = memoryQueue<number>();
    const loop = { run: () => 1 } as never;
    expect(thrownBy(() => consume({} as never, messages.double)).message).toMatch(/takes a source, .*got {}/);
    expect(thrownBy(() => consume(queue, 5 as never)).message).toMatch(
      /the job of consume .* must be a function; got 5/,
    );
    expect(thrownBy(() => consume(queue, messages.double, { concurrency: 0 })).message).toBe(
      'option concurrency of consume must be a whole number of at least 1; got 0',
    );
    expect(thrownBy(() => consume(queue, messages.double, { concurrency: Infinity })).message).toMatch(/got Infinity/);
    expect(thrownBy(() => consume(queue, messages.double, { on: 'loop' as never })).message).toMatch(/got 'loop'/);
    expect(thrownBy(() => consume(queue, messages.double, { on: loop, consumers: 2 })).message).toMatch(
      /option consumers .* without on and concurrency; got 2/,
    );
    expect(thrownBy(() => consume(queue, messages.double, { prefetch: 3 } as never)).message).toMatch(
      /consume has no option "prefetch"; it has on, consumers/,
    );
    expect(queue.size).toBe(0);
  });
});

type Told = readonly [origin: string, text: string, data: unknown, attempt: number | undefined];

/** Consume with everything that is told written down. */
function recorded<T>() {
  const told: Told[] = [];
  const letters: DeadLetter<T>[] = [];
  return {
    told,
    letters,
    onError: (error: unknown, { origin, data, attempt }: ConsumeErrorContext<T>) =>
      void told.push([origin, String(error), data, attempt]),
    onGiveUp: (letter: DeadLetter<T>) => void letters.push(letter),
  };
}

describe('messages that fail', () => {
  test('are tried again, and given up after their attempts: each is told, and the others go on', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<string>();
    const { told, letters, ...listeners } = recorded<string>();
    const options = { on: loop, attempts: 2, backoff: 5, ...listeners };
    await using consumer = consume(queue, messages.obey, options);
    for (const order of ['fail', 'well']) await queue.put(order);
    await queue.join();
    await until(() => letters.length === 1 && told.length === 2, 'what is told');
    expect(told).toEqual([
      ['job', 'RangeError: it failed', 'fail', 1],
      ['job', 'RangeError: it failed', 'fail', 2],
    ]);
    expect(letters[0]).toMatchObject({
      data: 'fail',
      attempt: 2,
      reason: 'attempts',
      error: new RangeError('it failed'),
    });
    expect(consumer.stats()).toMatchObject({ done: 1, failed: 2, givenUp: 1 });
    expect(queue.takeDeadLetters()).toHaveLength(1);
  });

  test('Drop, thrown in the thread, gives one up at once; so does a result that cannot be sent after its attempts', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<string>();
    const { told, letters, ...listeners } = recorded<string>();
    await using consumer = consume(queue, messages.obey, { on: loop, attempts: 2, backoff: 0, ...listeners });
    for (const order of ['drop', 'uncloneable']) await queue.put(order);
    await queue.join();
    await until(() => letters.length === 2, 'two letters');
    expect(letters.map(({ data, attempt, reason }) => [data, attempt, reason])).toEqual([
      ['drop', 1, 'dropped'],
      ['uncloneable', 2, 'attempts'],
    ]);
    expect(String(letters[0]?.error)).toBe('Drop: no such number');
    expect(consumer.stats()).toMatchObject({ done: 0, failed: 3 });
    expect(told).toHaveLength(3);
  });

  test('a job that ends its thread costs its message an attempt; the pool goes on, and so does the consumer', async () => {
    await using pool = new LoopPool({ size: 1, daemon: true });
    const queue = memoryQueue<string>();
    const { told, letters, ...listeners } = recorded<string>();
    await using consumer = consume(queue, messages.obey, { on: pool, attempts: 2, backoff: 0, ...listeners });
    for (const order of ['a', 'exit', 'b', 'c']) await queue.put(order);
    await queue.join();
    await until(() => letters.length === 1, 'a letter');
    expect(letters[0]).toMatchObject({
      data: 'exit',
      attempt: 2,
      error: { code: 'OFFLOOP_LOOP_CRASHED', exitCode: 7 },
    });
    expect(consumer.stats()).toMatchObject({ state: 'running', done: 3, failed: 2 });
    expect(told.map(([origin]) => origin)).toEqual(['job', 'job']);
  });

  test('a job that hangs and one that blocks its thread have failed after the timeout; the consumer goes on', async () => {
    await using pool = new LoopPool({ size: 2, daemon: true });
    const queue = memoryQueue<string>();
    const { told, letters, ...listeners } = recorded<string>();
    const options = { on: pool, concurrency: 4, attempts: 1, timeout: 500, ...listeners };
    await using consumer = consume(queue, messages.obey, options);
    for (const order of ['hang', 'block', 'a']) await queue.put(order);
    await queue.join();
    await until(() => letters.length === 2, 'two letters');
    expect(new Set(letters.map(({ data }) => data))).toEqual(new Set(['block', 'hang']));
    for (const { error } of letters) expect(error).toMatchObject({ code: 'OFFLOOP_TIMEOUT' });
    await queue.put('b');
    await queue.join();
    expect(consumer.stats()).toMatchObject({ done: 2, failed: 2 });
    expect(told).toHaveLength(2);
    await pool.close({ mode: 'terminate' });
  });

  test('onGiveUp may do something: draining waits for it, and what it throws is told', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    const queue = memoryQueue<string>({ attempts: 1 });
    const { told, letters, onError } = recorded<string>();
    const alarms: string[] = [];
    const onGiveUp = async ({ data }: DeadLetter<string>): Promise<void> => {
      alarms.push(String(await messages.obey(`alarm for ${data}`)));
      if (data === 'drop') throw new Error('nobody hears it');
    };
    const consumer = consume(queue, messages.obey, { on: loop, onError, onGiveUp });
    for (const order of ['fail', 'drop']) await queue.put(order);
    await queue.join();
    await consumer.drain();
    expect(alarms).toEqual(['done alarm for fail', 'done alarm for drop']);
    await until(() => told.length === 3, 'three errors');
    expect(told.at(-1)).toEqual(['onGiveUp', 'Error: nobody hears it', 'drop', 1]);
    expect(letters).toEqual([]);
  });
});
