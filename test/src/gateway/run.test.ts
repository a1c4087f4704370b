import { expect, test } from 'vitest';

import { timed } from '../timed.js';
import { Program, tableOf, type Ending } from './program.js';

function runWhole(): Promise<Ending> {
  return new Program('--messages', '100', '--seconds', '0.002', '--batch', '50', '--concurrency', '20').ended();
}

/** One whole run that several tests look at. */
const whole = runWhole();

test('it ends by itself with a table of all four phases, whose counts add up', async () => {
  const { code, stdout, stderr } = await whole;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = tableOf(stdout);
  expect(rows.map(({ mode, report }) => `${mode} ${report}`)).toEqual([
    'sequential in main',
    'sequential on loop',
    'concurrent in main',
    'concurrent on loop',
  ]);
  for (const { sent, failed, alerts } of rows)
    expect({ sent, failed, alerts }).toEqual({ sent: 96, failed: 4, alerts: 4 });
  expect(stdout.match(/96 sent, 4 failed, 2 reports,/g), stdout).toHaveLength(4);
  expect(stdout).toContain('reports: 8 in all;');
});

test('a report in main delays the main loop for as long as it takes, and by more than one on the loop does', async () => {
  let onLoop: readonly number[] = [];
  let inMain: readonly number[] = [];
  // A busy machine delays both: the better of the two counts, of three runs at most.
  for (let left = 2; left >= 0 && !(Math.min(...onLoop) < Math.max(...inMain)); left--) {
    const { stdout } = await (left === 2 ? whole : runWhole());
    const rows = tableOf(stdout);
    const shortest = Number(/blocked the loop that made it for (\d+) to/.exec(stdout)?.[1]);
    // The shortest is rounded to a whole millisecond.
    for (const { report, max } of rows) if (report === 'in main') expect(max).toBeGreaterThan(shortest - 1);
    inMain = rows.filter(({ report }) => report === 'in main').map(({ p99 }) => p99);
    onLoop = rows.filter(({ report }) => report === 'on loop').map(({ p99 }) => p99);
  }
  expect(onLoop).toHaveLength(2);
  expect(Math.min(...onLoop)).toBeLessThan(Math.max(...inMain));
});

test('not on a terminal it prints a few lines, without control characters', async () => {
  const { stdout } = await whole;
  expect(stdout.trimEnd().split('\n').length).toBeLessThan(30);
  expect(stdout).not.toContain('\r');
  expect(stdout).not.toContain('\x1b');
});

test('concurrent is faster than sequential, and the speed-up is the quotient of the wall times', timed, async () => {
  const { stdout } = await new Program(
    '--messages',
    '20',
    '--seconds',
    '0.04',
    '--batch',
    '20',
    '--concurrency',
    '20',
  ).ended();
  const [first, second, third, fourth] = tableOf(stdout);
  expect(first?.wall).toBeGreaterThan(20 * 0.04);
  expect(second?.wall).toBeGreaterThan(20 * 0.04);
  for (const row of [third, fourth]) {
    expect(row?.speedUp).toBeGreaterThan(2);
    // Both wall times are rounded to a hundredth of a second.
    const quotient = (first?.wall ?? NaN) / (row?.wall ?? NaN);
    expect((row?.speedUp ?? NaN) / quotient).toBeGreaterThan(0.8);
    expect((row?.speedUp ?? NaN) / quotient).toBeLessThan(1.25);
  }
});

test('one message, one at a time, is a run like any other', async () => {
  const { code, stdout } = await new Program(
    '--messages',
    '1',
    '--seconds',
    '0',
    '--concurrency',
    '1',
    '--batch',
    '1',
  ).ended();
  expect(code).toBe(0);
  expect(tableOf(stdout)).toHaveLength(4);
});

test('when nobody reads its output any more, it ends quietly', async () => {
  const program = new Program('--messages', '100', '--seconds', '0');
  await program.prints('SMS gateway');
  program.stopReading();
  const { code, stdout, stderr } = await program.ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(tableOf(stdout)).toEqual([]);
});
