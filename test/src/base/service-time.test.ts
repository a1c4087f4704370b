import fc from 'fast-check';
import { ServiceTime } from 'offloop-internal/base/service-time.js';
import { expect, test } from 'vitest';

function measured(...samples: number[]): ServiceTime {
  const time = new ServiceTime();
  for (const us of samples) time.learn(us);
  return time;
}

const times = (count: number, us: number): number[] => Array.from({ length: count }, () => us);

test('is unknown until the first sample, which it believes', () => {
  expect(measured().us).toBeUndefined();
  expect(measured(300).us).toBe(300);
});

test('a first run that was cold is forgotten within ten runs', () => {
  expect(measured(300, ...times(9, 1)).us).toBeLessThan(20);
});

test('a lone outlier changes nothing, however long it was', () => {
  expect(measured(...times(50, 2), 100_000).us).toBe(2);
});

test('lone outliers that come now and then change nothing', () => {
  const time = measured(...times(10, 2));
  for (let i = 0; i < 20; i++) for (const us of [10_000, ...times(32, 2)]) time.learn(us);
  expect(time.us).toBe(2);
});

test('a job that turns long is seen by its second run', () => {
  expect(measured(...times(50, 2), 10_000, 10_000).us).toBeGreaterThan(1000);
});

test('a job of which every tenth run is long stays long', () => {
  const time = measured(...times(10, 2), 10_000, 10_000);
  for (let i = 0; i < 20; i++) {
    for (const us of times(9, 2)) time.learn(us);
    expect(time.us).toBeGreaterThan(500);
    time.learn(10_000);
    expect(time.us).toBeGreaterThan(2000);
  }
});

test('a job that turns short is seen within 60 runs', () => {
  expect(measured(...times(50, 10_000), ...times(60, 1)).us).toBeLessThan(20);
});

test('below 20 µs nothing is an outlier', () => {
  expect(measured(...times(10, 0), 4).us).toBe(1);
});

test('what is no duration is ignored', () => {
  expect(measured(Number.NaN, -1, Infinity).us).toBeUndefined();
  expect(measured(5, Number.NaN, -1, Infinity).us).toBe(5);
});

test('the estimate lies between the shortest and the longest sample', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1 }), (samples) => {
      const { us } = measured(...samples);
      expect(us).toBeGreaterThanOrEqual(Math.min(...samples));
      expect(us).toBeLessThanOrEqual(Math.max(...samples));
    }),
  );
});

test('whatever it has seen, a hundred equal runs convince it', () => {
  const us = fc.double({ min: 1, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(fc.array(us), us, (samples, now) => {
      const time = measured(...samples, ...times(100, now));
      expect(Math.abs((time.us ?? 0) - now)).toBeLessThan(Math.max(1, now / 10));
    }),
  );
});
