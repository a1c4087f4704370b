import fc from 'fast-check';
import { KindTable } from 'offloop-internal/pool/kind-table.js';
import { expect, test } from 'vitest';

test('calls of one job share what is known of it, and jobs do not share', () => {
  const table = new KindTable();
  table.find('fib').toldUntilFree(10_000);
  table.find('add').toldUntilFree(1);
  expect([table.find('fib').us, table.find('add').us]).toEqual([10_000, 1]);
});

test('a job that was never measured counts as long', () => {
  const kind = new KindTable().find('new');
  expect([kind.us, kind.isTiny, kind.isBlocking]).toEqual([1000, false, false]);
});

test('what a job runs after it has awaited counts as long, is no part of the first time, and so one that awaits is not tiny', () => {
  const kind = new KindTable().find('fetch');
  const known = (): unknown[] => [kind.us, kind.laterUs, kind.isTiny, kind.isBlocking, kind.awaitsSoon];
  kind.toldUntilFree(5);
  expect(known()).toEqual([5, 0, true, true, false]);
  kind.learnAwaits();
  expect(known()).toEqual([5, 1000, false, false, true]);
  kind.toldUntilFree(20);
  expect(known()).toEqual([20, 1000, false, false, false]);
});

test('the time that a loop tells is taken over, but for one that is far longer than what is known: its code is cold', () => {
  const kind = new KindTable().find('add');
  const told = [2000, 900, 5, 2000, 6].map((us) => {
    kind.toldUntilFree(us);
    return kind.us;
  });
  expect(told).toEqual([2000, 900, 5, 5, 6]);
  // Told by several, or again and again, it is believed.
  for (let times = 0; times < 4; times++) kind.toldUntilFree(10_000);
  expect(kind.us).toBeGreaterThan(1000);
});

test('a full table forgets the job that was not asked for longest', () => {
  const table = new KindTable(3);
  for (const job of ['a', 'b', 'c']) table.find(job).toldUntilFree(1);
  table.find('a');
  table.find('d');
  expect(['a', 'c', 'b'].map((job) => table.find(job).us)).toEqual([1, 1, 1000]);
});

test('the table holds no more than it may, and a job in use all the time is never forgotten', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 500 }), fc.integer({ min: 2, max: 20 }), (jobs, max) => {
      const table = new KindTable(max);
      table.find('busy').toldUntilFree(7);
      for (const job of jobs) {
        table.find(job);
        expect(table.find('busy').us).toBe(7);
        expect(table.size).toBeLessThanOrEqual(max);
      }
    }),
  );
});
