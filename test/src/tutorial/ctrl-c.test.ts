import { expect, test } from 'vitest';

import { timed } from '../timed.ts';
import { runWell } from './run-example.ts';

/** 128 and the number of SIGINT. */
const interrupted = 130;

test(
  'S17: Ctrl-C finds the three tasks and main, each takes its cancel, and all end long before their work would',
  timed,
  async () => {
    const { lines, times } = await runWell('s17-ctrl-c', interrupted);
    const work = (n: number): string => `  <Task running name='work-${n}' coro=<work()> wait_for=<Future pending>>`;
    expect(lines).toEqual([
      'Waiting:  1',
      'Waiting:  2',
      'Waiting:  2',
      'Set(4) {',
      expect.stringMatching(/^ {2}<Task cancelling name='main' /),
      `${work(1)},`,
      `${work(2)},`,
      work(3),
      '}',
      'true',
      'true',
      'true',
      'true',
      "[ 'cancelled', 'cancelled', 'cancelled' ]",
      'TIME:  #',
    ]);
    expect(times[0]).toBeLessThan(0.2);
  },
);

test('S18: close waits until every cancelled job has cleaned up, and names the one that resists', timed, async () => {
  const { lines } = await runWell('s18-close', interrupted);
  // What the thread prints before its jobs are cancelled and what main prints have no order between them.
  const waiting = (line: string): boolean => line.startsWith('Waiting');
  expect(lines.filter(waiting)).toEqual(['Waiting:  10', 'Waiting:  20', 'Waiting:  20']);
  expect(lines.filter((line) => !waiting(line))).toEqual([
    '[',
    "  { name: 'work-1', job: 'carefulWork', state: 'running' },",
    "  { name: 'work-2', job: 'carefulWork', state: 'running' },",
    "  { name: 'work-3', job: 'carefulWork', state: 'running' }",
    ']',
    'Cleaned up:  10',
    'Cleaned up:  20',
    'Cleaned up:  20',
    "[ 'cancelled', 'cancelled', 'cancelled' ]",
    'TIME:  #',
    "Unsettled:  [ 'stubbornWork' ] failed",
  ]);
});

test(
  'S19: a cancel of main reaches the children that it awaits, and the stray task is there to be cancelled',
  timed,
  async () => {
    const { lines, times } = await runWell('s19-ctrl-c-nested', interrupted);
    expect(lines).toEqual([
      'Waiting:  1',
      'Waiting:  2',
      'Waiting:  2',
      'Waiting:  4',
      "[ 'cancelled', 'cancelled', 'cancelled' ]",
      "Still there:  [ 'main cancelling', 'stray running' ]",
      'true',
      'stray cancelled',
      'TIME:  #',
    ]);
    expect(times[0]).toBeLessThan(0.2);
  },
);
