import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { consume, LoopPool } from 'offloop';
import { bullmqSource } from 'offloop/bullmq';
import { describe, expect, test } from 'vitest';

import { timed } from '../timed.js';
import { eventually, Rig } from '../adapters/bullmq-rig.js';
import { hasRedis, RedisServer } from '../redis/server.js';
import { openGate, reported, shared, sharedWords } from '../threads/support.js';

/** Longer than this machine may well stand still, which costs a lock, too. */
const lockMs = 900;

describe.runIf(hasRedis)('BullMQ, with three jobs that block for longer than its lock', () => {
  test(
    'consumed on a pool: none stalls, each is begun once and done once, though another consumer waits for them',
    timed,
    async () => {
      await using redis = await RedisServer.open();
      await using rig = new Rig(redis);
      await using pool = new LoopPool({ size: 3, daemon: true });
      const words = sharedWords();
      const jobs = await Promise.all([1, 2, 3].map((n) => rig.put(n)));
      const source = bullmqSource<number>(rig.name, {
        connection: { url: redis.url },
        worker: { lockDuration: lockMs, stalledInterval: lockMs / 2, drainDelay: 0.2 },
      });
      const told: unknown[] = [];
      const onError = (error: unknown): void => void told.push(error);
      await using consumer = consume(source, () => shared.blockAtGate(words), { on: pool, onError });
      await reported(words, 3);
      // It looks for stalled jobs, too, and would begin them again.
      await using other = consume(source, () => shared.blockAtGate(words), { on: pool, onError });
      const client = await rig.queue.getBackend().client;
      const lock = `${rig.queue.toKey(jobs[2]?.id as string)}:lock`;
      let [renewals, last] = [0, 0];
      await eventually(async () => {
        const left = Number(await client.runCommand('pttl', [lock]));
        if (left > last) renewals++;
        last = left;
        // Every half of a lock: long enough for three of them to run out.
        return renewals >= 6;
      }, 'the lock is renewed while the threads are blocked');
      openGate(words);
      await eventually(async () => (await rig.counts())['completed'] === 3, 'all are done');
      const stored = await Promise.all(jobs.map(({ id }) => rig.queue.getJob(id as string)));
      expect(stored.map((job) => [job?.attemptsStarted, job?.stalledCounter])).toEqual([1, 2, 3].map(() => [1, 0]));
      expect([consumer.stats().done, other.stats().done, Atomics.load(words, 0), told]).toEqual([3, 0, 3, []]);
    },
  );

  test("in BullMQ's own Worker, inline, they stall: they are begun more often, and not all are completed", async () => {
    await using redis = await RedisServer.open();
    await using rig = new Rig(redis);
    await Promise.all([1, 2, 3].map((n) => rig.put(n)));
    const program = fileURLToPath(new URL('../programs/bullmq-inline.js', import.meta.url));
    // Each blocks for 600 ms, and a lock lasts 300.
    const child = spawn(process.execPath, [program, redis.url, rig.name, '600', '300'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = { began: 0, completed: 0, failed: 0 };
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        said[line as keyof typeof said]++;
        if (said.completed + said.failed === 3) break;
      }
    } finally {
      child.kill('SIGKILL');
    }
    expect(said.began).toBeGreaterThan(3);
    expect(said.completed).toBeLessThan(3);
  });
});
