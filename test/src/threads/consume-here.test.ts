import { AsyncLocalStorage } from 'node:async_hooks';

import { allTasks, consume, gather, memoryQueue, sleep, WorkerLoop, type Source } from 'offloop';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { nextTurn, thrownUncaught } from '../asyncio/uncaught.ts';
import { messages } from './consume-support.ts';
import { basic, until } from './support.ts';

describe('coroutine consumers', () => {
  test('run in this loop, as tasks: while one works, the other takes the next message', async () => {
    const queue = memoryQueue<string>({ name: 'sms' });
    const events: string[] = [];
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const job = async (what: string): Promise<void> => {
      events.push(`Wait ${what}`);
      if (what === 'long') await released;
      if (what === 'third') release();
      events.push(`Done ${what}`);
    };
    await using consumer = consume(queue, job, { consumers: 2 });
    expect([...allTasks()].map(({ name }) => name)).toEqual(expect.arrayContaining(['sms-1', 'sms-2']));
    for (const what of ['long', 'short', 'third']) await queue.put(what);
    await queue.join();
    expect(events).toEqual(['Wait long', 'Wait short', 'Done short', 'Wait third', 'Done third', 'Done long']);
    await consumer.close();
    const left = () => [...allTasks()].filter(({ name }) => name.startsWith('sms'));
    await until(() => left().length === 0, 'the end of the tasks');
  });

  test('run in the loop of a worker thread, too', async () => {
    await using loop = new WorkerLoop({ daemon: true });
    expect(await loop.run(messages.consumeHere(3, 3))).toEqual([3, 2, 1]);
    expect(await loop.run(messages.consumeHere(3, 1))).toEqual([1, 2, 3]);
  });

  test('cancelling their tasks closes the consumer, and gives back what they had', async () => {
    const queue = memoryQueue<number>();
    await queue.put(60_000);
    let cleaned = false;
    const job = async (n: number): Promise<void> => {
      try {
        await sleep(n);
      } finally {
        cleaned = true;
      }
    };
    const consumer = consume(queue, job, { consumers: 2, name: 'worker' });
    await until(() => consumer.stats().active === 1, 'a job');
    const tasks = [...allTasks()].filter(({ name }) => name.startsWith('worker'));
    expect(gather(tasks).cancel()).toBe(true);
    await consumer.closed;
    expect(cleaned).toBe(true);
    expect(consumer.stats()).toMatchObject({ state: 'closed', failed: 0 });
    expect(queue.stats()).toMatchObject({ waiting: 1, held: 0 });
  });

  test('have a timeout: the job is cancelled, and one that resists is counted and keeps nobody', async () => {
    const queue = memoryQueue<string>({ attempts: 1 });
    const reasons: string[] = [];
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const job = async (what: string, { signal }: { signal: AbortSignal }): Promise<void> => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name));
      await (what === 'sleep' ? sleep(60_000) : gate);
    };
    const failed: unknown[] = [];
    await using consumer = consume(queue, job, {
      consumers: 2,
      timeout: 30,
      onError: (error, { data }) => failed.push([data, (error as Error).name]),
    });
    for (const what of ['sleep', 'resist']) await queue.put(what);
    await queue.join();
    await until(() => failed.length === 2, 'what is told');
    expect(failed).toEqual([
      ['sleep', 'TimeoutError'],
      ['resist', 'TimeoutError'],
    ]);
    expect(reasons).toEqual(['TimeoutError', 'TimeoutError']);
    expect(consumer.stats()).toMatchObject({ failed: 2, zombies: 1 });
    release();
    await until(() => consumer.stats().zombies === 0, 'the end of the job');
  });

  test('a coroutine that the job gives runs on the default executor, with the timeout', timed, async () => {
    const queue = memoryQueue<number>({ attempts: 1 });
    const errors: unknown[] = [];
    await using consumer = consume(queue, (n) => (n > 0 ? basic.fib(n) : messages.obey('block')), {
      consumers: 1,
      timeout: 600,
      onError: (error) => errors.push((error as { rung?: string }).rung),
    });
    await queue.put(10);
    await queue.put(0);
    await queue.join();
    expect(consumer.stats()).toMatchObject({ done: 1, failed: 1 });
    await until(() => errors.length === 1, 'what is told');
    expect(errors).toEqual(['interrupt']);
  });

  test('run in the context of who called consume, whichever a source hands its messages over in', async () => {
    const context = new AsyncLocalStorage<string>();
    const queue = memoryQueue<number>();
    const source: Source<number> = {
      name: 'a source',
      consume: (handler, options) => queue.consume((each) => context.run('source', () => handler(each)), options),
    };
    const seen: (string | undefined)[] = [];
    const job = async (): Promise<void> => {
      seen.push(context.getStore());
      await nextTurn();
      seen.push(context.getStore());
    };
    await using consumer = context.run('consumer', () => consume(source, job, { consumers: 1 }));
    await queue.put(1);
    await queue.join();
    expect([seen, consumer.stats().done]).toEqual([['consumer', 'consumer'], 1]);
  });

  // A bug: all of them began in one resource, where enterWith() stayed.
  test('see nothing of the contexts that others have entered', async () => {
    const context = new AsyncLocalStorage<number>();
    const queue = memoryQueue<number>();
    const seen: (number | undefined)[] = [];
    const job = (n: number): void => {
      seen.push(context.getStore());
      context.enterWith(n);
    };
    await using consumer = consume(queue, job, { consumers: 2 });
    for (const n of [1, 2, 3]) await queue.put(n);
    await queue.join();
    expect([seen, consumer.stats().done]).toEqual([[undefined, undefined, undefined], 3]);
  });

  // A bug: the call had nothing to cancel yet, and was over while its job went on.
  test('that close their consumer before their first await are waited for', async () => {
    const queue = memoryQueue<number>();
    const events: string[] = [];
    const consumer = consume(
      queue,
      async () => {
        void consumer.close({ mode: 'cancel' });
        events.push('begun');
        await nextTurn();
        await nextTurn();
        events.push('ended');
      },
      { consumers: 1 },
    );
    await queue.put(1);
    await consumer.closed;
    events.push('closed');
    expect(events).toEqual(['begun', 'ended', 'closed']);
  });

  test('a listener that throws keeps no other message from being told', async () => {
    const queue = memoryQueue<number>();
    await using consumer = consume(queue, (n: number) => n, { consumers: 3 });
    const told: number[] = [];
    consumer.on('done', ({ data }) => {
      told.push(data);
      if (data === 1) throw new Error('a listener');
    });
    const thrown = thrownUncaught();
    for (const n of [1, 2, 3]) await queue.put(n);
    expect(await thrown).toMatchObject({ message: 'a listener' });
    await until(() => told.length === 3, 'three events');
    expect(told).toEqual([1, 2, 3]);
  });
});
