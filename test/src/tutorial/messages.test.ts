import { expect, test } from 'vitest';

import { expectConcurrent, runWell, timed } from './run-example.ts';

test('S22: messages are worked on as they are pushed, and all at once when they come all at once', timed, async () => {
  const { lines, times } = await runWell('s22-master-worker');
  const byHand = [
    'Waiting 2',
    'Done 2',
    'Waiting 5',
    'Waiting 1',
    'Done 1',
    'Waiting 1',
    'Done 1',
    'Done 5',
    'TIME:  #',
  ];
  const atOnce = [
    'Waiting 2',
    'Waiting 5',
    'Waiting 1',
    'Waiting 1',
    'Done 1',
    'Done 1',
    'Done 2',
    'Done 5',
    'TIME:  #',
  ];
  expect(lines).toEqual([...byHand, ...atOnce]);
  expectConcurrent(times[1], [2, 5, 1, 1]);
});

test('S25: a job prints what the service answers, raises the alarm when it is gone, and prints why when that is gone too', async () => {
  const { lines } = await runWell('s25-http-job');
  expect(lines).toEqual([
    'Waiting 1',
    '200',
    '1 It works',
    'Done 1',
    'Waiting 2',
    '200',
    'error!',
    'Waiting 3',
    'TypeError: fetch failed',
  ]);
});

test(
  'S27: messages of a source that waits are worked on at once, so that the first and longest is done last',
  timed,
  async () => {
    const { lines, times } = await runWell('s27-brpop');
    expect(lines.slice(0, 3)).toEqual(['Waiting 5', 'Waiting 1', 'Waiting 1']);
    // The two short ones run side by side: their lines may mix.
    expect(lines.slice(3, 9).sort()).toEqual(['1 It works', '1 It works', '200', '200', 'Done 1', 'Done 1']);
    expect(lines.slice(9)).toEqual(['200', '5 It works', 'Done 5', 'TIME:  #']);
    // Less than the sum is enough to tell: one after the other can take no less.
    expectConcurrent(times[0], [5, 1, 1], 0.98);
  },
);

test('S29: the service answers many at once, each after its own time', timed, async () => {
  const { lines, times } = await runWell('s29-sms-service');
  expect(lines).toEqual(['1 It works', '2 It works', 'error!', 'TIME:  #']);
  expectConcurrent(times[0], [1, 2, 3]);
});
