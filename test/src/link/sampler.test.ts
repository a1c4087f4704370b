import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { Sampler } from 'offloop-internal/link/sampler.js';
import { expect, test } from 'vitest';

/** How many of so many calls are sampled, which come `everyMs`. */
function sampled(sampler: Sampler, clock: FakeClock, calls: number, everyMs: number, isAlone = false): number[] {
  const which: number[] = [];
  for (let i = 0; i < calls; i++) {
    clock.advance(everyMs);
    if (sampler.take(isAlone) !== undefined) which.push(i);
  }
  return which;
}

test('all calls that come slowly are sampled, with the time', () => {
  const clock = new FakeClock(0);
  const sampler = new Sampler(clock);
  expect(sampled(sampler, clock, 100, 10)).toHaveLength(100);
  clock.advance(5);
  expect(sampler.take(false)).toBe(1005);
});

test('of a flood about one in 512 is, and each place in a group of eight or sixteen is as likely', () => {
  const clock = new FakeClock(0);
  const sampler = new Sampler(clock);
  sampled(sampler, clock, 10_000, 0.001);
  const which = sampled(sampler, clock, 5_120_000, 0.001);
  expect(which.length).toBeGreaterThan(9000);
  expect(which.length).toBeLessThan(11_000);
  for (const size of [8, 16]) {
    const places = new Array<number>(size).fill(0);
    for (const each of which) places[each % size] = (places[each % size] ?? 0) + 1;
    expect(Math.min(...places)).toBeGreaterThan((which.length / size) * 0.8);
  }
});

test('a few slow calls after a flood are sampled, too', () => {
  const clock = new FakeClock(0);
  const sampler = new Sampler(clock);
  sampled(sampler, clock, 10_000, 0.001);
  expect(sampled(sampler, clock, 50, 1000, true).length).toBeGreaterThan(15);
});
