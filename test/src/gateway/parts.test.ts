import { expect, test } from 'vitest';

import { timed } from '../timed.js';
import { LoopDelay } from '../../../packages/examples/dist/gateway/loop-delay.js';
import { makeReport } from '../../../packages/examples/dist/gateway/report.js';
import { Screen } from '../../../packages/examples/dist/gateway/screen.js';

/** Remembers what was written. */
function output(isTTY: boolean): {
  readonly isTTY: boolean;
  readonly columns: number;
  written: string;
  write(text: string): void;
} {
  return {
    isTTY,
    columns: 20,
    written: '',
    write(text) {
      this.written += text;
    },
  };
}

test('on a terminal the live line is rewritten in place, is cut to the width, and goes when a line is printed', () => {
  const out = output(true);
  const screen = new Screen(out);
  screen.show('1 of 2');
  screen.show('a line that is much too long');
  screen.print('done');
  expect(out.written).toBe('\r1 of 2\x1b[K\ra line that is much\x1b[K\r\x1b[Kdone\n');
});

test('on a terminal that says it has no width the live line is cut to 79', () => {
  const out = { ...output(true), columns: 0 };
  new Screen(out).show('x'.repeat(100));
  expect(out.written).toBe(`\r${'x'.repeat(79)}\x1b[K`);
});

test('not on a terminal there is no live line', async () => {
  const out = output(false);
  const screen = new Screen(out);
  expect(
    await screen.follow(
      () => 'live',
      async () => 5,
    ),
  ).toBe(5);
  screen.show('live');
  screen.print('one', 'two');
  expect(out.written).toBe('one\ntwo\n');
});

test('not on a terminal there are lines instead, of what has changed, where they are wanted', async () => {
  const out = output(false);
  const screen = new Screen(out);
  let count = 0;
  const work = async (): Promise<void> => {
    for (count = 1; out.written === '';) await new Promise((resolve) => setTimeout(resolve, 1));
    for (count = 2; !out.written.includes('2');) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await screen.follow(() => `${count} sent`, work, 1);
  expect(out.written).toBe('1 sent\n2 sent\n');
});

test('the live line is gone also when the work fails', async () => {
  const out = output(true);
  const screen = new Screen(out);
  await expect(
    screen.follow(
      () => 'live',
      async () => {
        screen.show('working');
        throw new Error('no');
      },
    ),
  ).rejects.toThrow('no');
  expect(out.written).toBe('\rworking\x1b[K\r\x1b[K');
});

test('what is due while the loop is blocked is measured too, so that a block is seen in the percentiles', timed, () => {
  const delay = new LoopDelay();
  const end = performance.now() + 60;
  while (performance.now() < end);
  const { p50, p99, max } = delay.stop();
  expect(max).toBeGreaterThanOrEqual(60);
  expect(p99).toBeGreaterThan(max * 0.95);
  expect(p50).toBeGreaterThan(max * 0.4);
  expect(p50).toBeLessThan(max * 0.6);
});

test('a report is computed from its batch and is the same each time', () => {
  const receipts = Array.from({ length: 100 }, (_, index) => ({
    id: index,
    isSent: index % 10 !== 0,
    isAlerted: index % 10 === 0,
    ms: index + 1,
  }));
  const report = makeReport(receipts);
  expect(report).toMatchObject({ messages: 100, sent: 90, p50: 50, p99: 99, mean: 50.5 });
  expect(report.meanFrom).toBeGreaterThan(40);
  expect(report.meanFrom).toBeLessThan(50.5);
  expect(report.meanTo).toBeGreaterThan(50.5);
  expect(report.meanTo).toBeLessThan(61);
  expect(makeReport(receipts)).toEqual({ ...report, tookMs: expect.any(Number) });
});
