// What a pool tells of itself, and how it replaces loops that have grown too big or were lost.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

import { jobModule, LoopPool, PoolBrokenError, ThreadBudgetError, WorkerLoop } from 'offloop';
import { describe, expect, test } from 'vitest';

import { basic, failureOf, place, runProgram, shared, sharedWords, until, type Failure } from './support.js';

const at = (name: string): URL => new URL(`../jobs/${name}.js`, import.meta.url);
const lost = jobModule<typeof import('../jobs/lost.js')>(at('lost'));
const stuck = jobModule<typeof import('../jobs/stuck.js')>(at('stuck'));
const watching = jobModule<typeof import('../jobs/watching.js')>(at('watching'));

describe('stats() of a pool', () => {
  test('tells how long calls waited in it and ran, and puts its loops together', async () => {
    await using pool = new LoopPool({ size: 2 });
    await Promise.all(Array.from({ length: 20 }, () => pool.run(watching.busyFor(10))));
    const { waitTime, runTime, utilization, heap, lost: gone, zombies } = pool.stats();
    expect(runTime.count).toBeGreaterThan(4);
    expect(runTime.p50).toBeGreaterThan(9);
    expect(waitTime.count).toBeGreaterThan(4);
    expect(waitTime.max).toBeGreaterThan(40);
    expect(utilization.active).toBeGreaterThan(100);
    expect(heap.used).toBeGreaterThan(2e6);
    expect([gone, zombies]).toEqual([0, 0]);
  });

  test('keeps what loops that are gone have told', async () => {
    await using pool = new LoopPool({ size: 1, maxJobsPerLoop: 1 });
    for (let i = 0; i < 3; i++) await pool.run(watching.busyFor(5));
    await until(() => pool.stats().loops === 1, 'the end of the former loops');
    expect(pool.stats().runTime.count).toBe(3);
  });
});

test("'stalled' of a pool names the loop, also for who comes late, and for loops that start later", async () => {
  await using pool = new LoopPool({ size: 1, name: 'slow', stalledMs: 50, maxJobsPerLoop: 2 });
  const words = sharedWords();
  const job = pool.run(stuck.forever(words));
  expect(await once(pool, 'stalled')).toMatchObject([{ loop: 'slow-1', job: 'forever' }]);
  job.cancel({ force: true, graceMs: 0 });
  await failureOf(job);
  await pool.run(basic.add(1, 1));
  const again = once(pool, 'stalled');
  const other = pool.run(stuck.forever(words));
  expect(await again).toMatchObject([{ loop: 'slow-2' }]);
  other.cancel({ force: true, graceMs: 0 });
  await failureOf(other);
});

test('a loop whose heap has grown too big is replaced, and no job is dropped', async () => {
  await using pool = new LoopPool({ size: 1, name: 'leaky', maxHeapBytesPerLoop: 40e6 });
  const names = new Set<string>();
  const words = sharedWords();
  const neighbour = pool.run(shared.waitAtGate(words));
  for (let i = 0; i < 12; i++) {
    const results = await Promise.all([pool.run(watching.leak(1e6)), pool.run(place.where())]);
    names.add(results[1].name);
    // The thread looks at its heap ten times a second.
    await pool.run(basic.sleepFor(101));
  }
  expect(names.size).toBeGreaterThan(1);
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  expect(await neighbour).toBe('released');
  expect(pool.stats()).toMatchObject({ restarts: 0, unhandled: 0, inFlight: 0 });
});

describe('row 18: a thread that ignores its termination', () => {
  /** Have a pool lose the thread of one of its loops; its job blocks for so many seconds. */
  async function lose(pool: LoopPool, seconds: number): Promise<Failure> {
    const begun = join(mkdtempSync(join(tmpdir(), 'offloop-pool-lost-')), 'begun');
    const job = failureOf(pool.run(lost.blockOutsideOfJavaScript(begun, seconds), { timeout: 50 }));
    await until(() => existsSync(begun), 'the begin of the job');
    return job;
  }

  test('is told, counted and replaced; beyond the budget the pool is broken', async () => {
    await using pool = new LoopPool({ size: 1, name: 'losing', restart: { maxLost: 1 } });
    pool.on('error', () => {});
    const told = once(pool, 'lost');
    expect(await lose(pool, 8)).toMatchObject({ name: 'TimeoutError' });
    expect(await told).toEqual([{ loop: 'losing-1' }]);
    expect((await pool.run(place.where())).name).toBe('losing-2');
    expect(pool.stats()).toMatchObject({ state: 'running', lost: 1, restarts: 1, loops: 1 });
    const broken = once(pool, 'broken') as Promise<[Error]>;
    await lose(pool, 8);
    const [error] = await broken;
    expect(error).toBeInstanceOf(PoolBrokenError);
    expect(error.message).toMatch(/more than 1 of its threads ignored their termination/);
    expect(pool.stats()).toMatchObject({ state: 'broken', lost: 2 });
  });

  test('of a loop: an event and the stats tell', async () => {
    const loop = new WorkerLoop({ onUnhandled: 'ignore' });
    const begun = join(mkdtempSync(join(tmpdir(), 'offloop-lost-')), 'begun');
    loop.run(lost.blockOutsideOfJavaScript(begun, 4)).catch(() => {});
    await until(() => existsSync(begun), 'the begin of the job');
    const told = once(loop, 'lost');
    const closing = loop.close({ mode: 'terminate' }).catch(() => {});
    await told;
    expect(loop.stats()).toMatchObject({ lost: true, state: 'closed' });
    await closing;
  });
});

describe('row 42: a budget of threads', () => {
  test('pools inside jobs inside pools end with an error that says so, and the process goes on', async () => {
    const { stdout, code } = await runProgram('budget');
    const [depth, text, again] = stdout.trim().split('\n');
    expect(depth).toBe('8');
    expect(text).toMatch(/^OFFLOOP_TOO_MANY_THREADS the thread of loop '.*' would be one thread more than the 8 /);
    expect(again).toBe('all places free: 8 loops');
    expect(code).toBe(0);
  });

  test('the error has a class of its own', () => {
    expect(new ThreadBudgetError('x')).toMatchObject({ name: 'ThreadBudgetError', code: 'OFFLOOP_TOO_MANY_THREADS' });
  });
});

test('options that make no sense are refused', () => {
  expect(() => new LoopPool({ maxHeapBytesPerLoop: 0 })).toThrow(/maxHeapBytesPerLoop .*got 0/);
  expect(() => new LoopPool({ restart: { maxLost: -1 } })).toThrow(/maxLost .*got -1/);
});
