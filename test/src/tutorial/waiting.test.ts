import { expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { expectConcurrent, runWell } from './run-example.ts';

/** The whole output of a program that runs the jobs `started` at once and prints their results in the order `returned`. */
function outputOf(started: readonly number[], returned: readonly number[]): string[] {
  return [...started.map((x) => `Waiting:  ${x}`), ...returned.map((x) => `Task ret:  Done after ${x}s`), 'TIME:  #'];
}

test('S10: three tasks on one loop take the time of the longest', timed, async () => {
  const { lines, times } = await runWell('s10-concurrent');
  expect(lines).toEqual(outputOf([1, 2, 4], [1, 2, 4]));
  expectConcurrent(times[0], [1, 2, 4]);
});

test('S11: a nested main waits for its tasks and finds them all in the set of those that are done', timed, async () => {
  const { lines, times } = await runWell('s11-nested-wait');
  // A set has no order that is promised.
  expect([...lines.slice(0, 3), ...lines.slice(3, 6).sort(), ...lines.slice(6)]).toEqual([
    ...outputOf([1, 2, 4], [1, 2, 4]).slice(0, -1),
    'Pending:  0',
    'TIME:  #',
  ]);
  expectConcurrent(times[0], [1, 2, 4]);
});

test('S12: gather gives the results in the order of its arguments', timed, async () => {
  const { lines, times } = await runWell('s12-gather');
  expect(lines).toEqual(outputOf([4, 2, 1], [4, 2, 1]));
  expectConcurrent(times[0], [4, 2, 1]);
});

test('S13: run hands out the list that main has gathered', timed, async () => {
  const { lines, times } = await runWell('s13-return-gather');
  expect(lines).toEqual(outputOf([1, 2, 2], [1, 2, 2]));
  expectConcurrent(times[0], [1, 2, 2]);
});

test('S14: run hands out the sets that main has waited for', timed, async () => {
  const { lines, times } = await runWell('s14-return-wait');
  expect([...lines.slice(0, 3), ...lines.slice(3, 6).sort(), ...lines.slice(6)]).toEqual(
    outputOf([1, 2, 2], [1, 2, 2]),
  );
  expectConcurrent(times[0], [1, 2, 2]);
});

test('S15: asCompleted gives the results in the order in which they come', timed, async () => {
  const { lines, times } = await runWell('s15-as-completed');
  expect(lines).toEqual(outputOf([4, 2, 1], [1, 2, 4]));
  expectConcurrent(times[0], [4, 2, 1]);
});

test('S16: a future tells whether its work waits, runs, is being cancelled, or is over and how', timed, async () => {
  const { lines } = await runWell('s16-states');
  expect(lines).toEqual([
    'Just scheduled:  pending',
    'Has begun:  running',
    'Has returned:  done',
    'Has thrown:  failed NoSuchTaskError: no such task: 1',
    'cancel():  true cancelling',
    'Cleaned up and gone:  cancelled',
    'cancel() before it began:  true cancelled',
  ]);
});
