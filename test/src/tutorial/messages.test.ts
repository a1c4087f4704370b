import { expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { expectConcurrent, runWell } from './run-example.ts';

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

test('S29: the service answers many at once, each after its own time', timed, async () => {
  const { lines, times } = await runWell('s29-sms-service');
  expect(lines).toEqual(['1 It works', '2 It works', 'error!', 'TIME:  #']);
  expectConcurrent(times[0], [1, 2, 3]);
});
