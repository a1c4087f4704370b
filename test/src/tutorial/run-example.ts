// Runs an example of the tutorial as what it is, a program in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';
import { getCurrentTest } from 'vitest/suite';

/** Where the compiled programs are. */
export const directory: URL = new URL('../../../packages/examples/dist/tutorial/', import.meta.url);

/** No program of the tutorial takes longer than three seconds; one that hangs must not hang the tests. */
const hardLimitMs = 30_000;

export interface ExampleRun {
  /** What it printed, with the measured seconds replaced by `#`. */
  readonly lines: readonly string[];
  /** The measured seconds behind each `TIME:`, in order, as if the program had not been told to take longer. */
  readonly times: readonly number[];
  /** The same lines, unmasked. */
  readonly raw: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
}

/** Who is at the keyboard of an example. */
export interface Hands {
  /** Resolves when it has printed `line`, which it had not when this was called the last time with it. */
  readonly prints: (line: string) => Promise<void>;
  readonly pressCtrlC: () => void;
}

export interface ExampleOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly hands?: (hands: Hands) => Promise<void>;
}

/**
 * Run `<file>.js`; in a test that is tried again with longer seconds, of which a machine that is busy takes a smaller part.
 * Rejects when it has to be killed; an exit code is for the test to judge.
 */
export async function runExample(
  file: string,
  { args = [], env: given, hands }: ExampleOptions = {},
): Promise<ExampleRun> {
  const { FORCE_COLOR: _, BY_HAND: __, REDIS_URL: ___, ...env } = process.env;
  const scale = 1 + (getCurrentTest()?.result?.retryCount ?? 0);
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${file}.js`, directory)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NO_COLOR: '1', SECOND_MS: String(100 * scale), ...given },
  });
  let stdout = '';
  let stderr = '';
  const awaited = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of awaited) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), hardLimitMs);
  const seen = new Map<string, number>();
  const prints = (line: string): Promise<void> =>
    new Promise((resolve) => {
      const wanted = (seen.get(line) ?? 0) + 1;
      seen.set(line, wanted);
      const look = (): void => {
        if (stdout.split('\n').filter((each) => each === line).length < wanted) return;
        awaited.delete(look);
        resolve();
      };
      awaited.add(look);
      look();
    });
  void hands?.({ prints, pressCtrlC: () => child.kill('SIGINT') });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(limit);
  if (signal !== null) throw new Error(`${file} was ended by ${signal}; it had printed:\n${stdout}${stderr}`);
  const raw = stdout.split('\n').slice(0, -1);
  return { lines: raw.map(masked), times: raw.flatMap((line) => timeIn(line, scale)), raw, stderr, code };
}

/** The lines of one that ends well and has nothing to complain of. */
export async function runWell(file: string, code = 0, options: ExampleOptions = {}): Promise<ExampleRun> {
  const example = await runExample(file, options);
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

function timeIn(line: string, scale: number): number[] {
  const time = /TIME: {2}([\d.]+)$/.exec(line)?.[1];
  return time === undefined ? [] : [Number(time) / scale];
}
