import { expect, test } from 'vitest';

import { type SimJob, SimPool } from './simulation.ts';

const fib: SimJob = { name: 'fib', us: 10_000 };
const tiny: SimJob = { name: 'tiny', us: 1 };

const times = (count: number, job: SimJob): SimJob[] => Array.from({ length: count }, () => job);
const sum = (jobs: readonly SimJob[]): number => jobs.reduce((all, job) => all + job.us + (job.later ?? 0), 0);

/** What every simulation has to show, for the report of whoever changes the numbers (DISPATCH_REPORT=1). */
function report(what: string, pool: SimPool, jobs: readonly SimJob[]): void {
  if (process.env['DISPATCH_REPORT'] === undefined) return;
  const calls = pool.loops.map((loop) => loop.calls).join(' + ');
  console.log(
    `${what}: ${(pool.endUs / 1000).toFixed(2)} ms, ${(sum(jobs) / pool.endUs).toFixed(3)} times one thread, calls ${calls}, ${pool.wakes} wakes`,
  );
}

function burst(what: string, jobs: readonly SimJob[], submitUs = 0.4, loops = 2): SimPool {
  const pool = new SimPool(loops);
  pool.submit(jobs, submitUs);
  pool.run();
  report(what, pool, jobs);
  expect(pool.settledCalls).toBe(jobs.length);
  return pool;
}

test('32 jobs of 10 ms, never measured before, take two loops less than 1/1.9 of the time of one', () => {
  const jobs = times(32, fib);
  const pool = burst('32 × 10 ms', jobs);
  expect(pool.endUs).toBeLessThan(sum(jobs) / 1.9);
  expect(pool.loops.map((loop) => loop.calls)).toEqual([16, 16]);
});

test('10,000 jobs of 1 µs in waves of 16 stay on one loop', () => {
  const pool = new SimPool(2);
  let waves = 10_000 / 16;
  let left = 0;
  const wave = (): void => {
    if (left-- > 1 || waves-- <= 0) return;
    left = 16;
    pool.submit(times(16, tiny), 0.4, wave);
  };
  wave();
  pool.run();
  report('10,000 × 1 µs in waves of 16', pool, times(10_000, tiny));
  expect(pool.settledCalls).toBe(10_000);
  expect(pool.largestShare).toBeGreaterThan(0.99);
  expect(Math.min(...pool.loops.map((loop) => loop.wakes))).toBeLessThanOrEqual(1);
});

test('10,000 jobs of 1 µs that come one by one, as fast as one loop can take them, are mostly packed on one', () => {
  const pool = new SimPool(2);
  for (let i = 0; i < 10_000; i++) pool.after(i * 1.2, () => pool.submit([tiny], 0.4));
  pool.run();
  report('10,000 × 1 µs, one each 1.2 µs', pool, times(10_000, tiny));
  expect(pool.settledCalls).toBe(10_000);
  expect(pool.largestShare).toBeGreaterThan(0.9);
});

test('10,000 jobs of 1 µs that are all there at once are shared, with few wakes, and sooner done than by one loop', () => {
  const jobs = times(10_000, tiny);
  const one = burst('10,000 × 1 µs at once, one loop', jobs, 0.05, 1);
  const two = burst('10,000 × 1 µs at once, two loops', jobs, 0.05);
  expect(two.endUs).toBeLessThan(one.endUs * 0.7);
  expect(two.wakes).toBeLessThan(20);
});

test('jobs of 10 ms among 10,000 of 1 µs are spread although the others are packed', () => {
  const jobs = Array.from({ length: 10_032 }, (_, i) => (i % 313 === 200 ? fib : tiny));
  const pool = burst('32 × 10 ms among 10,000 × 1 µs', jobs);
  expect(jobs.filter((job) => job === fib)).toHaveLength(32);
  expect(pool.endUs).toBeLessThan(sum(jobs) / 1.85);
});

test('fib first, a no-op second, fib third: a mix of both kinds in turn is no slower than its long half', () => {
  const jobs = Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? fib : tiny));
  expect(burst('32 × 10 ms and 32 × 1 µs in turn', jobs).endUs).toBeLessThan(sum(jobs) / 1.85);
});

test('jobs of 300 µs keep two loops busy, since the next one is there when one ends', () => {
  const jobs = times(400, { name: 'medium', us: 300 });
  expect(burst('400 × 300 µs', jobs).endUs).toBeLessThan(sum(jobs) / 1.9);
});

test('a thousand jobs that await 10 ms await at the same time', () => {
  const jobs = times(1000, { name: 'sleep', us: 5, awaits: 10_000, later: 2 });
  expect(burst('1000 × sleep(10)', jobs).endUs).toBeLessThan(10_000 + 6000);
});

test('jobs that compute after they have awaited use both loops', () => {
  const jobs = times(200, { name: 'fetchAndParse', us: 5, awaits: 2000, later: 1000 });
  expect(burst('200 × (5 µs, await 2 ms, 1 ms)', jobs).endUs).toBeLessThan(sum(jobs) / 1.8);
});
