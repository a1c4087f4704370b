import { expect, test } from 'vitest';

import { timed } from '../timed.js';
import { Program, tableOf, type Ending } from './program.js';

const signals = [
  { name: 'SIGINT', exitCode: 130 },
  { name: 'SIGTERM', exitCode: 143 },
] as const;

/** What the summary of a stopped run says. */
function summaryOf({ stdout }: Ending): { readonly phase: string; readonly counts: readonly number[] } {
  const found =
    /stopped by SIG\w+ during: (.+)\n +(\d+) sent, (\d+) failed \(\d+ alerts?\), (\d+) cancelled in flight, (\d+) not sent;/.exec(
      stdout,
    );
  expect(found, stdout).not.toBeNull();
  const [, phase = '', ...counts] = found ?? [];
  return { phase, counts: counts.map(Number) };
}

test.each(signals)(
  '$name while it starts ends it with exit code $exitCode, and it says that nothing was sent',
  timed,
  async ({ name, exitCode }) => {
    const program = new Program();
    await program.prints('SMS gateway');
    program.signal(name);
    const { code, ms, stdout, stderr } = await program.ended();
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
    expect(ms).toBeLessThan(1000);
    expect(stdout).toMatch(new RegExp(`stopped by ${name} (before the first|during)`));
  },
);

test.each([
  { phase: 'sequential, report in main', starts: '1/4', rows: 0 },
  { phase: 'sequential, report on the loop', starts: '2/4', rows: 1 },
  { phase: 'concurrent, report in main', starts: '3/4', rows: 2 },
  { phase: 'concurrent, report on the loop', starts: '4/4', rows: 3 },
])(
  'SIGINT when it begins with $phase ends it within a second, and every message is accounted for',
  timed,
  async ({ phase, starts, rows }) => {
    // One at a time also when "concurrent": the last phase must last until the signal comes.
    const program = new Program('--messages', '30', '--seconds', '0.01', '--concurrency', '1', '--batch', '15');
    await program.prints(starts);
    program.signal('SIGINT');
    const ending = await program.ended();
    expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
    expect(ending.ms).toBeLessThan(1000);
    const summary = summaryOf(ending);
    expect(summary.phase).toBe(phase);
    expect(summary.counts.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(tableOf(ending.stdout), 'the phases that were over are in the table').toHaveLength(rows);
  },
);

test('SIGINT while messages take long at the service cancels them in flight', timed, async () => {
  const program = new Program('--messages', '40', '--seconds', '60');
  await program.prints('1/4');
  program.signal('SIGINT');
  const ending = await program.ended();
  expect(ending.code).toBe(130);
  expect(ending.ms).toBeLessThan(1000);
  const [sent = NaN, failed = NaN, cancelled = NaN, notSent = NaN] = summaryOf(ending).counts;
  expect({ sent, failed }).toEqual({ sent: 0, failed: 0 });
  expect(cancelled).toBeLessThanOrEqual(1);
  expect(cancelled + notSent).toBe(40);
});

test('SIGINT while the reports block main, one after the other, ends it within a second', timed, async () => {
  const program = new Program('--messages', '5000', '--seconds', '0', '--batch', '50');
  await program.prints('1/4');
  program.signal('SIGINT');
  const ending = await program.ended();
  expect(ending.code).toBe(130);
  expect(ending.ms).toBeLessThan(1000);
  expect(summaryOf(ending).counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
});

test('a second SIGINT changes nothing: the summary is there, and the exit code', async () => {
  const program = new Program('--messages', '100', '--seconds', '1');
  await program.prints('1/4');
  program.signal('SIGINT');
  program.signal('SIGINT');
  const ending = await program.ended();
  expect({ code: ending.code, stderr: ending.stderr }).toEqual({ code: 130, stderr: '' });
  expect(summaryOf(ending).counts.reduce((sum, count) => sum + count, 0)).toBe(100);
});
