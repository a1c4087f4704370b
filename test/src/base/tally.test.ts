import { tally } from 'offloop-internal/base/tally.js';
import { expect, test } from 'vitest';

test('each name once, in the order of their first, and how often it came', () => {
  expect(tally([])).toBe('');
  expect(tally(['fib'])).toBe('fib');
  expect(tally(['sum', 'fib', 'sum', 'sum', 'mean'])).toBe('sum (3 times), fib, mean');
});

// The error of a loop that was closed under 262,144 calls had a message of 1.5 MB.
test('a message stays short, however many names there are', () => {
  expect(tally(new Array<string>(262_144).fill('wait'))).toBe('wait (262144 times)');
  const names = Array.from({ length: 1000 }, (_, n) => `job${n}`);
  expect(tally([...names, 'job0'])).toMatch(/^job0 \(2 times\), job1, .*, job9 and 990 more$/);
});
