// What a process takes to end is counted from the moment that its probe was through, whatever it took until then.
import { expect, test } from 'vitest';

import { runCase } from '../../../packages/examples/dist/faults/case.js';
import type { ProcessEnd } from '../../../packages/examples/dist/faults/row.js';
import { rows } from '../../../packages/examples/dist/faults/rows.js';

const slowStartMs = 1500;
const slowly = `data:text/javascript,await new Promise((resolve) => setTimeout(resolve, ${slowStartMs}))`;

test('a contestant that is slow to start does not count as one that does not end', async () => {
  const row = rows.find(({ number }) => number === 35);
  const probe = row?.probes.find(({ name }) => name === 'starting');
  if (row === undefined || probe === undefined) throw new Error('there is no such probe any more');
  let end: ProcessEnd | undefined;
  const judged = {
    ...probe,
    execArgv: ['--import', slowly],
    judgeEnd: (given: ProcessEnd) => {
      end = given;
      return probe.judgeEnd?.(given) ?? [];
    },
  };
  const { ms, findings, failed } = await runCase(row, judged, 'offloop');
  expect([failed, findings]).toEqual([undefined, []]);
  expect(ms - (end?.ms ?? 0)).toBeGreaterThan(slowStartMs);
});
