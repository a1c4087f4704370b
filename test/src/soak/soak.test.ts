// The soak itself runs for minutes, by `npm run soak`; here a few seconds of it, and that it can fail.
import { LoopCrashedError } from 'offloop';
import { describe, expect, test } from 'vitest';

import { growthOf } from '../../../packages/examples/dist/soak/growth.js';
import { Ledger } from '../../../packages/examples/dist/soak/ledger.js';
import { Random } from '../../../packages/examples/dist/soak/random.js';
import { checksOf } from '../../../packages/examples/dist/soak/report.js';
import type { Stage } from '../../../packages/examples/dist/soak/stage.js';
import { commandOf } from '../commands/command.js';

const soak = commandOf('soak', 80_000);

test('three seconds of it leave nothing behind', { timeout: 90_000 }, async () => {
  const { code, stdout } = await soak('--minutes', '0.05', '--seed', '3');
  expect(stdout).toMatch(/^ok +0 of \d{3,} futures are not settled$/m);
  expect(stdout).toMatch(/^ok +0 of \d+ threads are left$/m);
  expect(stdout).not.toContain('FAILED');
  expect(code).toBe(0);
});

describe('options', () => {
  test.each([
    [['--minutes', '0'], /option --minutes must be a number from 0\.05 to 10000; got '0'/],
    [['--minutes', 'ten'], /got 'ten'/],
    [['--seed', '1.5'], /option --seed must be a whole number from 1 to 999999; got '1\.5'/],
    [['--hours', '1'], /Unknown option '--hours'.*Valid are --minutes, --seed/],
  ])('%j ends with exit code 2 and says what would be right', async (args, message) => {
    const { code, stderr } = await soak(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('--help tells the default', async () => {
    const { code, stdout } = await soak('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('default 10');
  });
});

describe('the ledger', () => {
  test('counts what ended as it should, what was lost with its thread, and tells all else', async () => {
    const ledger = new Ledger();
    const isOne = (outcome: { readonly is: string; readonly value?: unknown }): boolean => outcome.value === 1;
    await ledger.follow('one', Promise.resolve(1), isOne);
    await ledger.follow('one', Promise.reject(new LoopCrashedError('gone', 5)), isOne);
    expect(ledger.wrongs).toBe(0);
    await ledger.follow('one', Promise.resolve(2), isOne);
    await ledger.follow('one', Promise.reject(new TypeError('no')), isOne);
    expect(ledger.counts.get('one')).toEqual({ right: 1, lost: 1 });
    expect(ledger.wrong).toEqual(['one: resolved with 2', 'one: rejected with TypeError: no']);
    expect([ledger.given, ledger.unsettled]).toEqual([4, 0]);
    void ledger.follow('never', new Promise(() => {}), isOne);
    expect(ledger.unsettled).toBe(1);
  });
});

describe('memory', () => {
  const windows = (heaps: readonly number[]): { heap: number; rss: number }[] =>
    heaps.map((heap) => ({ heap, rss: 1 }));

  test('may grow while it warms up, and move a little', () => {
    expect(growthOf(windows([1, 5, 10, 10, 11, 10, 9, 10, 11, 11]), 'heap')).toEqual({
      first: 10,
      last: 11,
      isFlat: true,
    });
  });

  test('that grows to the end is not flat', () => {
    expect(growthOf(windows([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]), 'heap').isFlat).toBe(false);
  });

  test('of one window is flat', () => {
    expect(growthOf(windows([10]), 'heap')).toEqual({ first: 10, last: 10, isFlat: true });
  });
});

test('each thing that is left fails its own check', () => {
  const kept = { unsettled: 0, given: 9, wrongs: 0 };
  const clean = {
    windows: [{ heap: 1, rss: 1 }],
    isLong: true,
    threadsMade: 3,
    threadsLeft: 0,
    handlesLeft: [],
    listenersLeft: 0,
  };
  const failed = (change: object, ledger: object = {}): string[] =>
    checksOf({ ledger: { ...kept, ...ledger } } as unknown as Stage, { ...clean, ...change })
      .filter(({ isKept }) => !isKept)
      .map(({ what }) => what);
  expect(failed({})).toEqual([]);
  expect(failed({ threadsLeft: 1 })).toEqual(['1 of 3 threads are left']);
  expect(failed({ handlesLeft: ['MessagePort'] })).toEqual(['1 handles are left: MessagePort']);
  expect(failed({ listenersLeft: 2 })).toEqual(['2 listeners are left on the shared signal']);
  expect(failed({}, { unsettled: 1 })).toEqual(['1 of 9 futures are not settled']);
  expect(failed({}, { wrongs: 1 })).toHaveLength(1);
});

test('the same seed gives the same choices', () => {
  const numbers = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 1000 }, () => random.below(10));
  };
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
  expect(new Set(numbers(3)).size).toBe(10);
  const random = new Random(1);
  const list = [{ weight: 0 }, { weight: 1 }];
  for (let i = 0; i < 100; i++) expect(random.weighted(list)).toBe(list[1]);
});
