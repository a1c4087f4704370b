import { FakeClock } from 'offloop-internal/base/fake-clock.js';
import { ServiceTime } from 'offloop-internal/base/service-time.js';
import type { Job } from 'offloop-internal/guest/job-modules.js';
import { JobTiming } from 'offloop-internal/guest/job-timing.js';
import { expect, test } from 'vitest';

/** Jobs of a turn, on a clock that stands still but for them. */
class Turn {
  readonly told: string[] = [];
  readonly clock = new FakeClock(100);
  readonly timing: JobTiming;
  readonly job: Job = {
    name: 'job',
    fn: () => {},
    error: undefined,
    lastMs: Infinity,
    time: new ServiceTime(),
    toldUs: NaN,
    untold: 0,
    loaded: Promise.resolve(),
  };

  constructor(slowMs: number = Infinity) {
    this.timing = new JobTiming(this.clock, slowMs, {
      onSlow: (label, ms) => void this.told.push(`${label} was slow: ${ms} ms`),
      onTime: (job, us) => void this.told.push(`#${job}: ${Math.round(us)} µs`),
    });
  }

  /** Run jobs that take so many milliseconds, one behind the other; what was told. */
  run(...jobs: readonly number[]): string[] {
    let now = this.timing.begin();
    for (const ms of jobs) {
      this.clock.advance(ms);
      now = this.timing.after(3, this.job, 'job', now);
    }
    return this.told.splice(0);
  }
}

test('the first run of a job is told, and then only what is news', () => {
  const turn = new Turn();
  expect(turn.run(2)).toEqual(['#3: 2000 µs']);
  expect(turn.run(2, 2, 2.1, 1.9, 2, 2)).toEqual([]);
});

test('a job that gets faster, as compiled ones do, or slower is told again', () => {
  const turn = new Turn();
  expect(turn.run(2, 1, 1)).toEqual(['#3: 2000 µs', '#3: 1500 µs']);
  const slower = turn.run(...Array.from({ length: 20 }, () => 4));
  expect(slower.length).toBeGreaterThan(1);
  expect(slower.length).toBeLessThan(8);
  expect(slower.at(-1)).toMatch(/#3: (3[2-9]|40)\d\d µs/);
});

test('a microsecond more or less is no news, whatever it is of the whole', () => {
  const turn = new Turn();
  expect(turn.run(0.001)).toEqual(['#3: 1 µs']);
  for (let i = 0; i < 100; i++) expect(turn.run(i % 2 === 0 ? 0.0005 : 0.002)).toEqual([]);
});

test('a lone run that took much longer is no news: a collection, or a thread that had no core', () => {
  const turn = new Turn();
  turn.run(...Array.from({ length: 10 }, () => 0.1));
  expect(turn.run(50)).toEqual([]);
  expect(turn.run(0.1)).toEqual([]);
  expect(turn.run(50, 50).length).toBeGreaterThan(0);
});

test('quick jobs are timed now and then, and each that is slow is told', () => {
  const turn = new Turn();
  turn.run(0.001);
  // Of many in a turn the clock is read for few: that they take longer now shows all the same.
  let told: string[] = [];
  for (let i = 0; i < 200; i++) told = [...told, ...turn.run(...Array.from({ length: 8 }, () => 0.015))];
  expect(told.length).toBeGreaterThan(0);
  const slow = new Turn(10);
  expect(slow.run(11, 1)).toContain('job was slow: 11 ms');
});

// A bug: such a job was long for its loop, and with it for the pool, for some hundred runs more.
test('a first run of cold code is forgotten within forty runs', () => {
  const turn = new Turn();
  expect(turn.run(2)).toEqual(['#3: 2000 µs']);
  let told: string[] = [];
  for (let runs = 0; runs < 40; runs++) told = [...told, ...turn.run(0.005)];
  expect(told.at(-1)).toMatch(/#3: 1?\d µs/);
});

test('what is no news is told all the same now and then: a loop that has ended may have told another time', () => {
  const turn = new Turn();
  turn.run(2);
  expect(turn.run(...Array.from({ length: 64 }, () => 2))).toEqual(['#3: 2000 µs']);
});
