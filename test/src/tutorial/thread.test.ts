import { expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { expectConcurrent, expectSerial, runWell } from './run-example.ts';

test(
  'S20: blocking jobs run one after the other in the thread, and main is free at once and stays so',
  timed,
  async () => {
    const { lines, times, raw } = await runWell('s20-call-soon-threadsafe');
    expect(lines).toEqual([
      'TIME:  #',
      'More work 6',
      'Finished more work 6',
      'More work 3',
      'Finished more work 3',
      'Slowest turn of main:  #',
      'TIME:  #',
    ]);
    // Less than the shorter job: whoever waits for a job is above it.
    expect(times[0]).toBeLessThan(0.25);
    expect(Number(raw[5]?.split(' ').at(-1))).toBeLessThan(0.25);
    expectSerial(times[1], [6, 3]);
  },
);

test('S21: coroutines run at once in the thread, and the shorter one is done first', timed, async () => {
  const { lines, times } = await runWell('s21-run-coroutine-threadsafe');
  expect(lines).toEqual(['Waiting 6', 'Waiting 4', 'Done after 4s', 'Done after 6s', 'TIME:  #']);
  expectConcurrent(times[0], [6, 4]);
});

test('S24: a daemon loop dies with main, and what nobody awaits neither ends nor cleans up', timed, async () => {
  const { lines, times } = await runWell('s24-daemon');
  expect(lines).toEqual(['Waiting 6', 'Waiting 1', 'Done after 1s', 'Main ends', 'TIME:  #']);
  expect(times[0]).toBeLessThan(0.5);
});

test('S26: an exception of a job is thrown where it is awaited, else it is an error event, and the loop lives on', async () => {
  const { lines } = await runWell('s26-exceptions');
  expect(lines).toEqual([
    'Caught:  NoSuchTaskError: no such task: 1 E_NO_SUCH_TASK',
    'Its stack shows the job:  true and who awaited it:  true',
    'Error event:  NoSuchTaskError: no such task: 2, from the future fail()',
    'Error event:  NoSuchTaskError: no such task: 3, from the callback fail()',
    'Waiting:  1',
    'Task ret:  Done after 1s',
    'Closed by:  NoSuchTaskError: no such task: 4',
  ]);
});
