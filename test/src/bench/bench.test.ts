import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { commandOf } from '../commands/command.js';

const bench = commandOf('bench', 60_000);
const folder = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Json {
  readonly command: string;
  readonly rounds: number;
  readonly machine: { readonly node: string; readonly cores: number; readonly versions: Record<string, string> };
  readonly summaries: readonly {
    readonly name: string;
    readonly results: readonly {
      readonly contestant: string;
      readonly status: string;
      readonly reason?: string;
      readonly figures: Record<string, { values: number[]; median: number; ratio?: Record<string, number> }>;
    }[];
  }[];
  readonly runs: readonly unknown[];
}

test(
  'a quick run of two contestants and two workloads ends well and writes a table, JSON and the page',
  { timeout: 70_000 },
  async () => {
    const files = { json: join(folder, 'deep', 'out.json'), markdown: join(folder, 'out.md') };
    const { code, stdout, stderr } = await bench(
      '--quick',
      '--only=raw,offloop',
      '--workloads=move-16m,one-at-a-time',
      `--json=${files.json}`,
      `--markdown=${files.markdown}`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const json = JSON.parse(readFileSync(files.json, 'utf8')) as Json;
    expect(json.rounds).toBe(1);
    expect(json.machine.node).toBe(process.version);
    expect(json.machine.versions['piscina']).toBe('5.3.2');
    expect(json.runs).toHaveLength(4);
    // In the order of the roster, whatever the order on the command line.
    expect(json.summaries.map(({ name }) => name)).toEqual(['one-at-a-time', 'move-16m']);
    for (const { results } of json.summaries) {
      expect(results.map(({ contestant, status }) => `${contestant} ${status}`)).toEqual(['offloop done', 'raw done']);
      for (const { contestant, figures } of results) {
        const { values, median, ratio } = figures['p50'] ?? expect.fail('no p50');
        expect(values).toEqual([median]);
        // Microseconds: more than nothing, and less than a second.
        expect(median).toBeGreaterThan(0.1);
        expect(median).toBeLessThan(1e6);
        expect(ratio?.['median']).toBeGreaterThan(0);
        if (contestant === 'offloop') expect(ratio?.['median']).toBe(1);
      }
    }
    const latency = json.summaries[0]?.results[0]?.figures;
    expect(latency?.['p99']?.median).toBeGreaterThanOrEqual(latency?.['p50']?.median ?? NaN);
    expect(stdout).toContain('one-at-a-time: A tiny job');
    const page = readFileSync(files.markdown, 'utf8');
    expect(page).toContain(json.command);
    expect(page).toMatch(/^\| raw \| [\d.]+ \| [\d.]+ \|/m);
  },
);

test('what a contestant cannot do is shown with the reason, and nothing is run', async () => {
  const { code, stdout } = await bench('--quick', '--only', 'poolifier,in-thread', '--workloads', 'move-16m');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^poolifier +— it copies results: they cannot be moved$/m);
  expect(stdout).toMatch(/^in-thread +— nothing leaves the thread$/m);
});

describe('options', () => {
  test.each([
    [
      ['--only', 'piscinae'],
      /option --only: no 'piscinae'; valid are offloop, offloop-pool, offloop-nospin, offloop-port, piscina,/,
    ],
    [['--workloads', 'stall,nope'], /option --workloads: no 'nope'; valid are one-at-a-time,/],
    [['--only', ','], /option --only names nothing; valid are/],
    [['--rounds', '0'], /option --rounds must be a whole number from 1 to 1000; got '0'/],
    [['--rounds', '1.5'], /got '1\.5'/],
    [['--json='], /option --json must name a file/],
    [['--fast'], /Unknown option '--fast'.*Valid are --only, --workloads/],
    [['stray'], /stray/],
    [['--json'], /--json/],
  ])('%j ends with exit code 2 and says what would be right', async (args, message) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('Try: pnpm bench --help');
  });

  test('--help names every contestant and workload', async () => {
    const { code, stdout } = await bench('--help');
    expect(code).toBe(0);
    for (const name of ['piscina-c1024', 'in-thread', 'flight-100000-two', 'while-pending', '--markdown'])
      expect(stdout).toContain(name);
  });
});
