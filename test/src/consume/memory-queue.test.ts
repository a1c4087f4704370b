import { memoryQueue } from 'offloop';
import { sourceConformance, type SourceRig } from 'offloop/testing';
import { describe, expect, test } from 'vitest';

function makeRig(): SourceRig {
  const queue = memoryQueue<number>();
  return {
    open: () => queue,
    put: (data) => queue.put(data),
    count: () => {
      const { waiting, delayed, dead } = queue.stats();
      return { waiting: waiting + delayed, dead };
    },
    close: () => {},
  };
}

describe('memoryQueue keeps what every source promises', () => {
  test.each(sourceConformance(makeRig))('$name', ({ run }) => run());
});

const drainInto = (queue: ReturnType<typeof memoryQueue<number>>, got: number[]) =>
  queue.consume(
    ({ data }) => {
      got.push(data);
      return Promise.resolve();
    },
    { concurrency: 1, onError: () => {}, onDead: () => {} },
  );

describe('memoryQueue', () => {
  test('is bounded: put waits for room, putNowait refuses, and what is under way counts', async () => {
    const queue = memoryQueue<number>({ limit: 2 });
    await queue.put(1);
    queue.putNowait(2);
    expect(() => queue.putNowait(3)).toThrow(/has its limit of 2 messages; await put\(\) instead/);
    const third = queue.put(3);
    const fourth = queue.put(4);
    expect(third.done).toBe(false);
    // A put that is cancelled leaves nothing behind.
    expect(fourth.cancel()).toBe(true);
    const got: number[] = [];
    const intake = drainInto(queue, got);
    await third;
    await queue.join();
    await intake.close();
    expect(got).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  test('join waits for what is tried again, and for dead letters no longer', async () => {
    const queue = memoryQueue<number>({ attempts: 2, backoff: 5, deadLimit: 2 });
    for (const data of [1, 2, 3]) await queue.put(data);
    const intake = queue.consume(() => Promise.reject(new Error('never')), {
      concurrency: 2,
      onError: () => {},
      onDead: () => {},
    });
    await queue.join();
    await intake.close();
    // The oldest made room.
    expect(queue.stats()).toEqual({ waiting: 0, delayed: 0, held: 0, dead: 2, forgotten: 1 });
    expect(queue.takeDeadLetters().map(({ data, attempt }) => [data, attempt])).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect(queue.stats().dead).toBe(0);
  });

  test('an option that cannot be used is told with its value', () => {
    expect(() => memoryQueue({ limit: 0 })).toThrow('option limit of memoryQueue must be a whole number of at least 1');
    expect(() => memoryQueue({ backoff: 'soon' as never })).toThrow(
      "option backoff of memoryQueue must be a number of milliseconds, { delayMs, factor, maxMs }, or a function; got 'soon'",
    );
    expect(() => memoryQueue({ backoff: { factor: 0.5 } })).toThrow(
      /factor .* must be a number of at least 1; got 0.5/,
    );
  });
});
