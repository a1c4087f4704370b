// What is published on Node's diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';

import { gather, jobModule, WorkerLoop } from 'offloop';
import { afterEach, expect, test } from 'vitest';

import { blockedPool } from './pool-support.js';
import { basic, failureOf, faulty, openGate, until } from './support.js';

const stuck = jobModule<typeof import('../jobs/stuck.js')>(new URL('../jobs/stuck.js', import.meta.url));

type Message = Record<string, unknown>;

const subscriptions: (() => void)[] = [];

/** What is published on these channels from now on, each message with its channel. */
function listen(...names: readonly string[]): [name: string, message: Message][] {
  const heard: [string, Message][] = [];
  for (const name of names) {
    const onMessage = (message: unknown): unknown => heard.push([name.replace('offloop:', ''), message as Message]);
    subscribe(name, onMessage);
    subscriptions.push(() => void unsubscribe(name, onMessage));
  }
  return heard;
}

afterEach(() => {
  for (const each of subscriptions.splice(0)) each();
});

test('a job: that it was sent, and how it ended, always with its future', async () => {
  const heard = listen('offloop:job:submit', 'offloop:job:end', 'offloop:job:error');
  await using loop = new WorkerLoop({ name: 'told' });
  const good = loop.run(basic.add(1, 2), { name: 'sum' });
  await good;
  const bad = loop.run(faulty.fail('no'));
  const error = await failureOf(bad);
  const dropped = loop.run(basic.sleepFor(60_000));
  dropped.cancel('unwanted');
  await failureOf(dropped);
  const loopName = { loop: 'told' };
  expect(heard).toEqual([
    ['job:submit', { call: good, job: 'add', name: 'sum', ...loopName }],
    ['job:end', { call: good, job: 'add', name: 'sum', ...loopName }],
    ['job:submit', { call: bad, job: 'fail', name: undefined, ...loopName }],
    ['job:error', { call: bad, job: 'fail', name: undefined, ...loopName, error }],
    ['job:submit', { call: dropped, job: 'sleepFor', name: undefined, ...loopName }],
    [
      'job:error',
      {
        call: dropped,
        job: 'sleepFor',
        name: undefined,
        ...loopName,
        error: expect.objectContaining({ code: 'ABORT_ERR' }) as Error,
      },
    ],
  ]);
});

test('a callback: the same, with its handle', async () => {
  const heard = listen('offloop:job:submit', 'offloop:job:end', 'offloop:job:error');
  await using loop = new WorkerLoop({ name: 'told' });
  loop.on('error', () => {});
  const good = loop.callSoonThreadsafe(basic.add, 1, 2);
  const bad = loop.callSoonThreadsafe(faulty.fail, 'no');
  const dropped = loop.callLaterThreadsafe(60_000, basic.add, 1, 2);
  dropped.cancel();
  await until(() => good.done && bad.done, 'the end of both');
  expect(heard.map(([name, { call }]) => [name, [good, bad, dropped].indexOf(call as typeof good)])).toEqual([
    ['job:submit', 0],
    ['job:submit', 1],
    ['job:submit', 2],
    ['job:error', 2],
    ['job:end', 0],
    ['job:error', 1],
  ]);
});

test('who listens to errors does not keep them from being reported as unhandled', async () => {
  const heard = listen('offloop:job:error');
  await using loop = new WorkerLoop();
  const unhandled = once(loop, 'error');
  loop.run(faulty.fail('nobody awaits this'));
  expect(await unhandled).toMatchObject([{ message: 'nobody awaits this' }, { job: 'fail' }]);
  expect(heard).toHaveLength(1);
});

test('a loop: start, stall and exit, with the id of its thread', async () => {
  const heard = listen('offloop:loop:start', 'offloop:loop:stalled', 'offloop:loop:exit');
  const loop = new WorkerLoop({ name: 'told', stalledMs: 50 });
  const { threadId } = loop;
  const blocking = loop.run(stuck.forever(new Int32Array(new SharedArrayBuffer(16))));
  await until(() => heard.length === 2, 'the stall');
  blocking.cancel({ force: true, graceMs: 0 });
  await failureOf(blocking);
  await loop.close();
  const who = { loop: 'told', threadId };
  expect(heard).toEqual([
    ['loop:start', who],
    [
      'loop:stalled',
      { ...who, job: 'forever', ms: expect.any(Number) as number, stack: expect.stringMatching(/forever/) as string },
    ],
    ['loop:exit', { ...who, code: 0, error: undefined }],
  ]);
});

test('a pool: full, a restart, and that it is broken', async () => {
  const heard = listen('offloop:pool:full', 'offloop:pool:restart', 'offloop:pool:broken');
  const { pool, blocker, words } = await blockedPool({ maxQueue: 1, restart: { intensity: 1, backoffMs: 0 } });
  const waiting = pool.run(basic.add(1, 1));
  const full = pool.run(basic.add(1, 1));
  await failureOf(full);
  openGate(words);
  await gather([blocker, waiting]);
  for (const code of [1, 2]) {
    await failureOf(pool.run(faulty.exit(code)));
    await until(() => pool.stats().restarts > 0, 'a restart');
  }
  await until(() => pool.state === 'broken', 'the pool is broken');
  expect(heard).toMatchObject([
    ['pool:full', { pool: 'blocked', job: 'add', waiting: 1, maxQueue: 1 }],
    ['pool:restart', { pool: 'blocked', loop: 'blocked-1', error: { exitCode: 1 } }],
    ['pool:broken', { pool: 'blocked', error: { code: 'OFFLOOP_POOL_BROKEN' } }],
  ]);
  await pool.close();
});
