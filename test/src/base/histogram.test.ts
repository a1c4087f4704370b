import fc from 'fast-check';
import { Histogram } from 'offloop-internal/base/histogram.js';
import { expect, test } from 'vitest';

const nothing = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

/** What a percentile is: the smallest value that so many are not above. */
function exact(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

test('percentiles are off by at most a sixteenth and a microsecond, the maximum and the count not at all', () => {
  const time = fc.oneof(fc.double({ min: 0, max: 0.1, noNaN: true }), fc.double({ min: 0, max: 4e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (times) => {
      const histogram = new Histogram();
      for (const each of times) histogram.add(each);
      const sorted = times.toSorted((a, b) => a - b);
      const { count, p50, p90, p99, max } = histogram.summary();
      expect([count, max]).toEqual([times.length, sorted.at(-1)]);
      for (const [told, share] of [
        [p50, 0.5],
        [p90, 0.9],
        [p99, 0.99],
      ] as const) {
        const right = exact(sorted, share);
        expect(Math.abs(told - right)).toBeLessThanOrEqual(right / 16 + 0.001);
      }
    }),
    { numRuns: 1000 },
  );
});

test('hours count as more than an hour, and what is no duration does not count', () => {
  const histogram = new Histogram();
  for (const each of [-1, Number.NaN]) histogram.add(each);
  expect(histogram.summary()).toEqual(nothing);
  histogram.add(1e9);
  const { count, p50, max } = histogram.summary();
  expect([count, max]).toEqual([1, 1e9]);
  expect(p50).toBeGreaterThan(3.6e6);
});

test('what one side adds in shared memory the other one reads, and two can be put together', () => {
  const writer = Histogram.shared();
  const reader = new Histogram(writer.buffer);
  for (let i = 1; i <= 100; i++) writer.add(i);
  expect(reader.summary()).toEqual(writer.summary());
  const both = new Histogram();
  both.addAll(reader);
  both.addAll(reader);
  expect(both.summary()).toEqual({ ...reader.summary(), count: 200 });
});
