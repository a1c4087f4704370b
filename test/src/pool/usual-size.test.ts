import { quotaOf, sizeFor } from 'offloop-internal/pool/usual-size.js';
import { expect, test } from 'vitest';

test('one loop less than there are processors, within the quota of the container, and at least one', () => {
  expect([sizeFor(8, undefined), sizeFor(8, 4), sizeFor(8, 2.5), sizeFor(8, 0.5), sizeFor(1, undefined)]).toEqual([
    7, 3, 2, 1, 1,
  ]);
});

test.each([
  ['200000 100000\n', 2],
  ['50000\n 100000\n', 0.5],
  ['max 100000\n', undefined],
  ['-1\n 100000\n', undefined],
  ['', undefined],
])('the quota of %j is %s', (text, expected) => {
  expect(quotaOf(text)).toBe(expected);
});
