import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';

import { CancelledError, consume, Drop, type IntakeOptions } from 'offloop';
import { sqliteQueue, SqliteMissingError, SqliteQueueError } from 'offloop/sqlite';
import { describe, expect, test } from 'vitest';

import { failureOf, thrownBy, until } from '../../threads/support.js';
import { Folder, hasSqlite } from './support.js';

const quiet = { concurrency: 1, onError: () => {}, onDead: () => {} };

/** Take a number of messages out of a queue. */
async function take<T>(
  queue: ReturnType<typeof sqliteQueue<T>>,
  count: number,
  options: Partial<IntakeOptions<T>> = {},
) {
  const got: { id: string; name: string; data: T; attempt: number }[] = [];
  const intake = queue.consume(
    ({ id, name, data, attempt }) => {
      got.push({ id, name, data, attempt });
      return Promise.resolve();
    },
    { ...quiet, ...options },
  );
  await until(() => got.length >= count, `${count} messages`);
  await intake.drain();
  await intake.close();
  return got;
}

test.skipIf(hasSqlite)('where Node has no node:sqlite, an error says so and names the ways out', () => {
  const error = thrownBy(() => sqliteQueue('q.db'));
  expect(error).toBeInstanceOf(SqliteMissingError);
  expect(error).toMatchObject({ name: 'SqliteMissingError', code: 'OFFLOOP_SQLITE_MISSING' });
  expect(error.message).toBe(
    `sqliteQueue needs node:sqlite, which this Node.js (${process.version}) does not have; it comes with Node 22.13 and up. ` +
      "Ways out: a newer Node.js; memoryQueue of 'offloop', whose messages are lost with the process; or a Redis: 'offloop/redis', 'offloop/bullmq'",
  );
  expect(existsSync('q.db')).toBe(false);
});

describe('what cannot be used is told with its value', () => {
  test.each([
    [() => sqliteQueue(':memory:'), /takes the path of a file; got ':memory:', for which there is memoryQueue/],
    [() => sqliteQueue(''), /takes the path of a file, or its URL; got ''/],
    [() => sqliteQueue(new URL('http://a/b')), /takes the path of a file, or its URL/],
    [
      () => sqliteQueue('q.db', { limit: 0 }),
      /option limit of sqliteQueue must be a whole number of at least 1, or Infinity; got 0/,
    ],
    [() => sqliteQueue('q.db', { deadLimit: 0 }), /at least 1, or Infinity \(what is given up has to lie .*got 0$/],
    [() => sqliteQueue('q.db', { leaseMs: 5 }), /option leaseMs .* at least 100; got 5/],
    [() => sqliteQueue('q.db', { lease: 5 } as never), /has no option "lease"; it has name, attempts, backoff/],
    [() => sqliteQueue('q.db', { backoff: -1 }), /option backoff of sqliteQueue must be/],
    [() => sqliteQueue('q.db', null as never), /the options of sqliteQueue must be an object; got null/],
  ])('%s', (call, message) => {
    expect(thrownBy(call)).toMatchObject({ code: 'OFFLOOP_INVALID_ARGUMENT', message: expect.stringMatching(message) });
  });
});

describe.skipIf(!hasSqlite)('sqliteQueue', () => {
  test('keeps what was put in, in order, for a queue that is opened later; ids are stable and its own', async () => {
    using folder = new Folder();
    const first = sqliteQueue<{ n: number }>(folder.file);
    const ids = [await first.put({ n: 1 }), ...(await first.putMany([{ n: 2 }, { n: 3 }]))];
    expect(await first.stats()).toEqual({ waiting: 3, delayed: 0, held: 0, dead: 0 });
    await first.close();
    // Whoever closes last leaves one file.
    expect(existsSync(`${folder.file}-wal`)).toBe(false);
    await using second = sqliteQueue<{ n: number }>(folder.file);
    const got = await take(second, 3);
    expect(got).toEqual([1, 2, 3].map((n, index) => ({ id: ids[index], name: 'q', data: { n }, attempt: 1 })));
    expect(new Set([...ids, await second.put({ n: 4 })]).size).toBe(4);
  });

  test('stores what is put in at the same time together, and each put resolves when it is in the file', async () => {
    using folder = new Folder();
    await using queue = sqliteQueue<number>(folder.file);
    await using reader = sqliteQueue<number>(folder.file);
    await Promise.all(Array.from({ length: 3000 }, (_, n) => queue.put(n)));
    expect((await reader.stats()).waiting).toBe(3000);
  });

  test('is made once, although many make it at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      using folder = new Folder();
      const queues = Array.from({ length: 6 }, () => sqliteQueue<number>(folder.file));
      await Promise.all(queues.map((queue, index) => queue.put(index)));
      expect(await queues[0]?.stats()).toMatchObject({ waiting: 6 });
      // Whoever closes last takes the log away, while others may still open it.
      await Promise.all(queues.map((queue, index) => (index % 2 === 0 ? queue.close() : queue.put(index))));
      expect(await queues[1]?.stats()).toMatchObject({ waiting: 9 });
      await Promise.all(queues.map((queue) => queue.close()));
    }
  });

  test('refuses above its limit, and putMany is all or nothing', async () => {
    using folder = new Folder();
    await using queue = sqliteQueue<number>(folder.file, { limit: 2 });
    await queue.put(1);
    expect(await failureOf(queue.putMany([2, 3]))).toMatchObject({
      code: 'OFFLOOP_QUEUE_FULL',
      message:
        "sqliteQueue 'q' holds its limit of 2 messages, or would with these 2; wait until some are done, or raise the limit",
    });
    await queue.put(2);
    expect((await failureOf(queue.put(3))).name).toBe('QueueFullError');
    await take(queue, 2);
    await queue.put(3);
    expect(await queue.putMany([])).toEqual([]);
  });

  test('refuses to hold more in memory than it can store', async () => {
    using folder = new Folder();
    await using queue = sqliteQueue<number>(folder.file);
    const puts = Array.from({ length: 100_001 }, (_, n) => queue.put(n));
    expect((await failureOf(puts.at(-1) as Promise<string>)).message).toMatch(
      /has 100000 messages yet to store; await put/,
    );
    await Promise.all(puts.slice(0, -1));
  });

  test('carries what JSON can, and what a serializer of the user can', async () => {
    using folder = new Folder();
    await using json = sqliteQueue<unknown>(folder.file);
    expect((await failureOf(json.put(undefined))).message).toMatch(
      /cannot serialize undefined: JSON has no such value/,
    );
    expect((await failureOf(json.put({ big: 1n }))).message).toMatch(/cannot serialize { big: 1n }: .*BigInt/);
    await using bytes = sqliteQueue<Uint8Array>(folder.file, {
      serialize: (data) => data,
      parse: (stored) => stored as Uint8Array,
    });
    await bytes.put(new Uint8Array([1, 2]));
    expect((await take(bytes, 1))[0]?.data).toEqual(new Uint8Array([1, 2]));
  });

  test('keeps no more dead letters than deadLimit, the last ones', async () => {
    using folder = new Folder();
    await using queue = sqliteQueue<number>(folder.file, { deadLimit: 2 });
    const told: number[] = [];
    const intake = queue.consume(({ data }) => Promise.reject(new Drop(`no use for ${data}`)), {
      ...quiet,
      onDead: ({ data }) => void told.push(data as number),
    });
    await queue.putMany([1, 2, 3, 4]);
    await until(() => told.length === 4, 'four dead letters');
    await intake.close();
    expect((await queue.deadLetters()).map(({ data }) => data)).toEqual([3, 4]);
  });

  test('keeps dead letters, with their errors, until they are taken or put back', async () => {
    using folder = new Folder();
    await using queue = sqliteQueue<number>(folder.file, { attempts: 2, backoff: 0 });
    const ids = await queue.putMany([1, 2, 3]);
    const told: string[] = [];
    const intake = queue.consume(
      ({ data }) =>
        Promise.reject(
          data === 2 ? new Drop('no use', { cause: 1 }) : Object.assign(new TypeError('bad'), { code: 'E1' }),
        ),
      { ...quiet, onDead: ({ id, reason }) => void told.push(`${id} ${reason}`) },
    );
    await until(() => told.length === 3, 'three dead letters');
    await intake.close();
    expect(told.toSorted()).toEqual([`${ids[0]} attempts`, `${ids[1]} dropped`, `${ids[2]} attempts`]);
    expect(await queue.stats()).toEqual({ waiting: 0, delayed: 0, held: 0, dead: 3 });
    const letters = await queue.deadLetters();
    const letter = letters.find(({ id }) => id === ids[0]);
    expect(letter).toMatchObject({ id: ids[0], name: 'q', data: 1, raw: '1', attempt: 2, reason: 'attempts' });
    expect(letter?.error).toMatchObject({ name: 'TypeError', message: 'bad', code: 'E1' });
    expect(letters.find(({ id }) => id === ids[1])?.error).toMatchObject({ name: 'Drop', code: 'OFFLOOP_DROPPED' });
    expect(await queue.requeueDeadLetters([ids[1] as string, 'unknown'])).toBe(1);
    expect(await take(queue, 1)).toEqual([{ id: ids[1], name: 'q', data: 2, attempt: 1 }]);
    expect(await queue.takeDeadLetters(1)).toHaveLength(1);
    await expect(queue.requeueDeadLetters(ids[0] as string)).rejects.toThrow(/must be an array of strings/);
    expect(await queue.requeueDeadLetters()).toBe(1);
    expect(await queue.stats()).toEqual({ waiting: 1, delayed: 0, held: 0, dead: 0 });
    expect((await failureOf(queue.deadLetters(0))).message).toMatch(/limit of dead letters must be/);
  });

  test('leaves a database that is not its own alone, and ends the consumer with the reason', async () => {
    using folder = new Folder();
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as {
      DatabaseSync: new (path: string) => { exec(sql: string): void; close(): void };
    };
    const database = new DatabaseSync(folder.file);
    database.exec('CREATE TABLE precious (x)');
    database.close();
    await using queue = sqliteQueue<number>(folder.file);
    const error = await failureOf(queue.put(1));
    expect(error).toBeInstanceOf(SqliteQueueError);
    expect(error.code).toBe('OFFLOOP_SQLITE_QUEUE');
    expect(error.message).toBe(
      `sqliteQueue 'q': it is a database, but no queue of offloop: a queue wants a file of its own (${folder.file})`,
    );
    const consumer = consume(queue, () => {}, { onError: () => {} });
    expect((await failureOf(consumer.closed)).message).toBe(error.message);
  });

  test('closing it stores what was put in, gives back what its consumers have, and refuses what comes later', async () => {
    using folder = new Folder();
    const queue = sqliteQueue<number>(folder.file);
    await queue.put(1);
    let signal: AbortSignal | undefined;
    const intake = queue.consume((delivery) => {
      ({ signal } = delivery);
      return new Promise(() => {});
    }, quiet);
    await until(() => signal !== undefined, 'a delivery');
    const last = queue.put(2);
    await Promise.all([queue.close(), queue.close()]);
    await last;
    expect(signal?.reason).toBeInstanceOf(CancelledError);
    expect((await failureOf(intake.ended)).message).toMatch(/was closed, and with it its intakes/);
    expect((await failureOf(queue.put(3))).code).toBe('OFFLOOP_INVALID_STATE');
    expect((await failureOf(queue.stats())).code).toBe('OFFLOOP_INVALID_STATE');
    expect(thrownBy(() => queue.consume(() => Promise.resolve(), quiet)).code).toBe('OFFLOOP_INVALID_STATE');
    await using next = sqliteQueue<number>(folder.file);
    expect((await take(next, 2)).map(({ data, attempt }) => [data, attempt])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test('survives the end of its thread: what it had is lost and delivered again, and later steps go to a new one', async () => {
    using folder = new Folder();
    const workers: Worker[] = [];
    const listen = (worker: Worker): void => void workers.push(worker);
    process.on('worker', listen);
    await using queue = sqliteQueue<number>(folder.file, { leaseMs: 1500 });
    await queue.put(1);
    process.off('worker', listen);
    const attempts: number[] = [];
    const reasons: string[] = [];
    const errors: Error[] = [];
    const intake = queue.consume(
      ({ attempt, data, signal }) => {
        attempts.push(attempt);
        if (attempt > 1 || data === 2) return Promise.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as Error).name);
            reject(signal.reason as Error);
          });
        });
      },
      { ...quiet, onError: (error) => void errors.push(error) },
    );
    await until(() => attempts.length === 1, 'a delivery');
    await workers[0]?.terminate();
    await queue.put(2);
    await until(() => attempts.length === 3, 'both messages');
    await intake.drain();
    await intake.close();
    expect(attempts.toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
    expect(reasons).toEqual(['LeaseLostError']);
    expect(errors).toHaveLength(1);
    expect(await queue.stats()).toEqual({ waiting: 0, delayed: 0, held: 0, dead: 0 });
  });

  test('a program that has closed its consumers ends, with the queue still open, and hears no warning', () => {
    using folder = new Folder();
    const program = fileURLToPath(new URL('../../programs/sqlite-open.js', import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, folder.file], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect([stdout, stderr, status]).toEqual(['done\n', '', 0]);
  });
});
