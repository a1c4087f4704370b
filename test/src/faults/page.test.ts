// What was seen becomes a table: the worst of it, with numbered notes.
import { describe, expect, test } from 'vitest';

import type { Case } from '../../../packages/examples/dist/faults/case.js';
import { reportPage, reportText, type Report } from '../../../packages/examples/dist/faults/page.js';
import { isBad, resultsOf, type RowResults } from '../../../packages/examples/dist/faults/results.js';
import { show, worstOf, type Finding } from '../../../packages/examples/dist/faults/verdict.js';

function seen(contestant: string, probe: string, ...findings: Finding[]): Case {
  return { row: 1, probe, contestant, findings, ms: 1 };
}

/** Row 1 has the ways sync and async. */
function results(...cases: Case[]): RowResults[] {
  const only = [...new Set(cases.map(({ contestant }) => contestant))];
  return resultsOf({ only, rows: ['1'], json: undefined, markdown: undefined }, cases);
}

const cells = (...cases: Case[]): unknown => results(...cases)[0]?.results;

describe('one contestant in one row', () => {
  test('is as good as the worst of its ways', () => {
    expect(worstOf([])).toBe('ok');
    expect(worstOf([{ word: 'ok' }, { word: 'hangs' }, { word: 'loses details' }])).toBe('hangs');
    const cases = [seen('offloop', 'sync'), seen('offloop', 'async', { word: 'hangs', note: 'never settled' })];
    expect(cells(...cases)).toEqual([{ contestant: 'offloop', word: 'hangs', note: 'async: never settled' }]);
  });

  test('what was seen in all ways is told without them, once', () => {
    const finding: Finding = { word: 'wrong result', note: 'seven' };
    const cases = [seen('comlink', 'sync', finding, finding), seen('comlink', 'async', finding)];
    expect(cells(...cases)).toEqual([{ contestant: 'comlink', word: 'wrong result', note: 'seven' }]);
  });

  test('a way that is not offered does not hide the others', () => {
    const none: Finding = { word: 'not offered', note: 'no signals' };
    expect(cells(seen('comlink', 'sync', none), seen('comlink', 'async'))).toEqual([
      { contestant: 'comlink', word: 'ok', note: 'sync: no signals' },
    ]);
    expect(cells(seen('comlink', 'sync', none), seen('comlink', 'async', none))).toEqual([
      { contestant: 'comlink', word: 'not offered', note: 'no signals' },
    ]);
  });

  test('a probe that does not work is no verdict', () => {
    const broken: Case = { ...seen('comlink', 'sync'), failed: 'TypeError: no\n    at probe' };
    expect(cells(broken, seen('comlink', 'async'))).toEqual([
      { contestant: 'comlink', word: 'failed', note: 'TypeError: no' },
    ]);
    expect(isBad(broken)).toBe(true);
  });
});

test('what offloop promises never to do makes the command fail; of a peer it is news', () => {
  for (const word of ['hurts a neighbour', 'hangs', 'process dies'] as const) {
    expect(isBad(seen('offloop', 'sync', { word }))).toBe(true);
    expect(isBad(seen('offloop-pool', 'sync', { word: 'ok' }, { word }))).toBe(true);
    expect(isBad(seen('piscina', 'sync', { word }))).toBe(false);
  }
  expect(isBad(seen('offloop', 'sync', { word: 'wrong result' }))).toBe(false);
});

describe('the page', () => {
  const machine = {
    date: '2026-01-01',
    cpu: 'a CPU',
    cores: 2,
    memoryGb: 1,
    system: 'linux',
    node: 'v20.19.0',
    load: 0,
    versions: { offloop: '0.1.0', comlink: '4.4.2' },
    commit: 'abc',
  };
  const ways = ['sync', 'async'];
  const report: Report = {
    machine,
    command: 'npm run faults -- --rows 1',
    results: results(
      ...ways.map((way) => seen('offloop', way)),
      ...ways.map((way) => seen('comlink', way, { word: 'hangs', note: 'a <b> of `x*`' })),
      ...ways.map((way) => seen('poolifier', way, { word: 'process dies', note: 'a <b> of `x*`' })),
    ),
  };

  test('has the words, the notes by number, each once, and how the contestants were set up', () => {
    const page = reportPage(report);
    expect(page).toContain('| 1 | a job throws | rejects with');
    expect(page).toContain('| ok | hangs (1) | process dies (1) |');
    expect(page).toContain('|  | ok in |  | 1 of 1 | 0 of 1 | 0 of 1 |');
    expect(page).toContain('\n1. a \\<b\\> of \\`x\\*\\`\n');
    expect(page).not.toMatch(/^2\. /m);
    expect(page).toContain("| comlink | 4.4.2 | Node's endpoint");
    expect(page).not.toContain('| piscina |');
    expect(page).toContain('npm run faults -- --rows 1');
  });

  test('is short on a terminal', () => {
    const lines = reportText(report);
    expect(lines).toContain('1  a job throws  ok       hangs (1)  process dies (1)');
    expect(lines.at(-1)).toBe('(1) a <b> of `x*`');
  });
});

test('a value in a few words: one line, not too long, without the folders of this machine', () => {
  expect(show(new TypeError('a\n  b'))).toBe('TypeError: a b');
  expect(show(new RangeError())).toBe('RangeError without a message');
  expect(show({ a: { b: { c: 1 } } })).toBe('{ a: { b: [Object] } }');
  expect(show(new Error('no /home/me/a-b/jobs.js, file:///tmp/x/y.mjs'))).toBe('Error: no …/jobs.js, …/y.mjs');
  expect(show('x'.repeat(1000))).toHaveLength(110);
});
