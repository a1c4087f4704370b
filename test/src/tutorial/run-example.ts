// Runs an example of the tutorial as what it is, a program in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

/** Where the compiled programs are. */
export const directory: URL = new URL('../../../packages/examples/dist/tutorial/', import.meta.url);

/** No program of the tutorial takes longer than three seconds; one that hangs must not hang the tests. */
const hardLimitMs = 12_000;

/** For tests that look at the time: load on the machine only makes a program slower, so one run of three within the bound proves it. */
export const timed = { retry: 2 } as const;

export interface ExampleRun {
  /** What it printed, with the measured seconds replaced by `#`. */
  readonly lines: readonly string[];
  /** The measured seconds behind each `TIME:`, in order. */
  readonly times: readonly number[];
  /** The same lines, unmasked. */
  readonly raw: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
}

/** Run `<file>.js` with `args`. Rejects when it has to be killed; an exit code is for the test to judge. */
export async function runExample(file: string, ...args: readonly string[]): Promise<ExampleRun> {
  const { FORCE_COLOR: _, BY_HAND: __, ...env } = process.env;
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${file}.js`, directory)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), hardLimitMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(limit);
  if (signal !== null) throw new Error(`${file} was ended by ${signal}; it had printed:\n${stdout}${stderr}`);
  const raw = stdout.split('\n').slice(0, -1);
  return { lines: raw.map(masked), times: raw.flatMap(timeIn), raw, stderr, code };
}

/** The lines of one that ends well and has nothing to complain of. */
export async function runWell(file: string, code = 0): Promise<ExampleRun> {
  const example = await runExample(file);
  expect(example.stderr).toBe('');
  expect(example.code, example.raw.join('\n')).toBe(code);
  return example;
}

/** The work of the tutorial's `tasks` (its seconds, a tenth here) was done at once: within the longest and well below the sum. */
export function expectConcurrent(seconds: number | undefined, tasks: readonly number[], factor = 0.8): void {
  expectAtLeast(seconds, Math.max(...tasks));
  expect(seconds).toBeLessThan((factor * sum(tasks)) / 10);
}

/** It was done one after the other. */
export function expectSerial(seconds: number | undefined, tasks: readonly number[]): void {
  expectAtLeast(seconds, sum(tasks));
}

/** A timer may fire a millisecond early, and the seconds are rounded to one. */
function expectAtLeast(seconds: number | undefined, tutorialSeconds: number): void {
  expect(seconds).toBeGreaterThanOrEqual(tutorialSeconds / 10 - 0.005);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function masked(line: string): string {
  return line
    .replace(/((?:TIME|Thread started|Slowest turn of main): ) [\d.]+$/, '$1 #')
    .replace(/^(Done {2}\d+) [\d.]+$/, '$1 #');
}

function timeIn(line: string): number[] {
  const time = /TIME: {2}([\d.]+)$/.exec(line)?.[1];
  return time === undefined ? [] : [Number(time)];
}
