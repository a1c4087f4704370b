import { expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { expectConcurrent, expectSerial, runWell } from './run-example.ts';

test('S2: calling a job runs nothing, a promise or a bare job is refused, and a loop runs the coroutine', async () => {
  const { lines } = await runWell('s02-coroutine');
  expect(lines).toEqual([
    '<Coroutine sayWaiting(2)>',
    'TIME:  #',
    expect.stringMatching(/^InvalidArgumentError: loop\.run takes a coroutine, .*got Promise \{ 2 \}/),
    expect.stringMatching(/^InvalidArgumentError: loop\.run takes a coroutine, .*got \[function sayWaiting\]/),
    'Waiting:  2',
  ]);
});

test('S3: a coroutine runs to its end in a worker loop and in the loop of this thread', async () => {
  const { lines } = await runWell('s03-run-until-complete');
  expect(lines).toEqual(['Thread started:  #', 'Waiting:  2', 'TIME:  #', 'Waiting:  2', 'TIME:  #']);
});

test('S4: a task shows that it is pending, and later that it is done and with which result', async () => {
  const { lines } = await runWell('s04-task');
  expect(lines).toEqual([
    "<Task pending name='Task-1' coro=<doSomeWork()>>",
    'Waiting:  2',
    "<Task done name='Task-1' coro=<doSomeWork()> result=undefined>",
    'TIME:  #',
  ]);
});

test('S5: a task is a future', async () => {
  const { lines } = await runWell('s05-task-is-a-future');
  expect(lines).toEqual(['true', 'true', 'Waiting:  2', 'TIME:  #']);
});

test('S6: a callback gets the future as its last argument, behind arguments that were bound to it', async () => {
  const { lines, times } = await runWell('s06-callback');
  expect(lines).toEqual([
    'Waiting:  2',
    'Callback:  Done after 2s',
    'TIME:  #',
    'Waiting:  2',
    'Callback:  2 Done after 2s',
    'TIME:  #',
  ]);
  for (const time of times) expectSerial(time, [2]);
});

test('S7: reading a result too early is an InvalidStateError, and once done it can be read', async () => {
  const { lines, times } = await runWell('s07-result');
  expect(lines).toEqual([
    expect.stringMatching(/^InvalidStateError: Result is not set/),
    'Waiting:  2',
    'Task ret:  Done after 2s',
    'TIME:  #',
  ]);
  expectSerial(times[0], [2]);
});

test('S8: a task that sleeps has its result after that time', async () => {
  const { lines, times } = await runWell('s08-await');
  expect(lines).toEqual(['Waiting:  2', 'Task ret:  Done after 2s', 'TIME:  #']);
  expectSerial(times[0], [2]);
});

test('S9: jobs that block are serial on one loop and parallel on two', timed, async () => {
  const { lines, times } = await runWell('s09-parallel');
  expect(lines).toEqual(['One loop, TIME:  #', 'Two loops, TIME:  #']);
  expectSerial(times[0], [2, 2]);
  expectConcurrent(times[1], [2, 2]);
});
