import { jobModule, LoopPool } from 'offloop';
import { expect, test } from 'vitest';

import { basic, failureOf, faulty, sharedWords, thrownBy } from './support.js';

const nested = jobModule<typeof import('../jobs/nested.js')>(new URL('../jobs/nested.js', import.meta.url));

// The thread is blocked from the first line of each to its last but one: no turn, no timer, no microtask helps the pool.

test('the result of a pool whose loops are still starting, and of calls that have to wait for one', async () => {
  await using pool = new LoopPool({ size: 2 });
  const futures = Array.from({ length: 20 }, (_, n) => pool.run(basic.echo(n)));
  const last = pool.run(basic.fib(10));
  expect(last.resultSync(10_000)).toBe(55);
  expect(futures.map((future) => future.resultSync(10_000))).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test('a call that waits behind one that awaits: the pool sees that its loop has room', async () => {
  await using pool = new LoopPool({ size: 1 });
  const sleeper = pool.run(basic.sleepFor(60_000));
  expect(pool.run(basic.fib(10)).resultSync(10_000)).toBe(55);
  sleeper.cancel();
});

test('a pool grows and replaces its loops meanwhile', async () => {
  await using pool = new LoopPool({ size: 1, maxJobsPerLoop: 1 });
  const futures = [1, 2, 3].map((n) => pool.run(basic.echo(n)));
  expect(futures.map((future) => future.resultSync(10_000))).toEqual([1, 2, 3]);
  await using growing = new LoopPool({ min: 1, max: 2 });
  const words = sharedWords();
  const blocked = growing.run(nested.blockAtGate(words));
  const next = growing.run(nested.openGate(words));
  expect(next.resultSync(10_000)).toBe('opened');
  expect(blocked.resultSync(10_000)).toBe('released');
});

test('its errors, its time-outs and its deadline come through', async () => {
  await using pool = new LoopPool({ size: 1 });
  expect(() => pool.run(faulty.fail('no luck')).resultSync(10_000)).toThrow('no luck');
  const slow = pool.run(basic.sleepFor(60_000));
  expect(() => slow.resultSync(10)).toThrow(/job sleepFor of pool '.*' was not done after 10 ms; it goes on/);
  expect(slow.cancel()).toBe(true);
  const late = pool.run(basic.sleepFor(60_000), { deadline: 20 });
  expect(thrownBy(() => late.resultSync(10_000))).toMatchObject({ code: 'OFFLOOP_TIMEOUT' });
  const limited = pool.run(basic.sleepFor(60_000), { timeout: 20 });
  expect(thrownBy(() => limited.resultSync(10_000))).toMatchObject({ code: 'OFFLOOP_TIMEOUT' });
});

test('the end of its loop is noticed', async () => {
  await using pool = new LoopPool({ size: 1, onUnhandled: 'ignore' });
  const future = pool.run(faulty.exit(3));
  expect(thrownBy(() => future.resultSync(10_000))).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED' });
  expect(await failureOf(future)).toMatchObject({ code: 'OFFLOOP_LOOP_CRASHED', exitCode: 3 });
  expect(await pool.run(basic.fib(10))).toBe(55);
});

test('inside a job, for a pool of its own thread', async () => {
  await using pool = new LoopPool({ size: 1 });
  expect(await pool.run(nested.fibInAPoolOfItsOwn(12))).toBe(144);
});
