// The conformance table: real faults of real contestants, in processes of their own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { commandOf } from '../commands/command.js';

const faults = commandOf('faults', 100_000);
const folder = mkdtempSync(join(tmpdir(), 'offloop-faults-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Json {
  readonly command: string;
  readonly machine: { readonly node: string };
  readonly results: readonly {
    readonly row: { readonly number: number };
    readonly results: readonly { readonly contestant: string; readonly word: string; readonly note: string }[];
  }[];
  readonly cases: readonly unknown[];
}

test(
  'three rows of offloop and two peers: what each makes of them, as a table, JSON and the page',
  { timeout: 110_000 },
  async () => {
    const files = { json: join(folder, 'deep', 'out.json'), markdown: join(folder, 'out.md') };
    const { code, stdout, stderr } = await faults(
      '--rows=13,2',
      '--rows=12',
      '--only=comlink,piscina,offloop',
      `--json=${files.json}`,
      `--markdown=${files.markdown}`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const json = JSON.parse(readFileSync(files.json, 'utf8')) as Json;
    expect(json.machine.node).toBe(process.version);
    // Five things that can be thrown, one way to be unheard, two to leave: with each of the three.
    expect(json.cases).toHaveLength(24);
    const words = json.results.map(({ row, results }) => [row.number, ...results.map(({ word }) => word)]);
    // In the order of the list and of the roster, whatever the order on the command line.
    expect(words).toEqual([
      [2, 'ok', 'loses the error', 'loses details'],
      // Its error ends the process, which is what is owed there.
      [12, 'ok', 'hurts a neighbour', 'ok'],
      [13, 'ok', 'ok', 'hangs'],
    ]);
    const seen = (row: number, contestant: string): string =>
      json.results.find((each) => each.row.number === row)?.results.find((each) => each.contestant === contestant)
        ?.note ?? '';
    expect(seen(2, 'piscina')).toMatch(/^null: resolved with null/);
    expect(seen(2, 'offloop')).toBe('');
    expect(seen(13, 'offloop')).toMatch(/exit: later jobs reject/);
    expect(seen(13, 'comlink')).toBe('exit: never settled');
    expect(stdout).toMatch(/^ +ok in +3 of 3 +1 of 3 +1 of 3$/m);
    const page = readFileSync(files.markdown, 'utf8');
    expect(page).toContain(json.command);
    expect(page).toMatch(/^\| 13 \| .* \| ok \(\d+\) \| ok(?: \(\d+\))? \| hangs \(\d+\) \|$/m);
    expect(page).toMatch(/^\d+\. exit: never settled$/m);
  },
);

test('what a contestant does not offer is shown with the reason, and nothing is run', async () => {
  const { code, stdout } = await faults('--only', 'comlink', '--rows', '20,22');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^20 .* not offered \(1\)$/m);
  expect(stdout).toContain('(1) it has no time-outs');
  expect(stdout).toContain('(2) it has no cancel');
  expect(stdout).toContain('0 of 0');
});

describe('options', () => {
  test.each([
    [['--only', 'piscinae'], /option --only: no 'piscinae'; valid are offloop, offloop-pool, piscina,/],
    [['--rows', '2,51'], /option --rows: no '51'; valid are 1, 2, 3,/],
    [['--rows', ''], /option --rows names nothing/],
    [['--markdown='], /option --markdown must name a file/],
    [['--quick'], /Unknown option '--quick'.*Valid are --only, --rows/],
  ])('%j ends with exit code 2 and says what would be right', async (args, message) => {
    const { code, stdout, stderr } = await faults(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Try: npm run faults -- --help');
  });

  test('--help names every contestant and every row', async () => {
    const { code, stdout } = await faults('--help');
    expect(code).toBe(0);
    for (const text of ['offloop-pool', 'comlink', '  49  a job prints', '--markdown']) expect(stdout).toContain(text);
  });
});
