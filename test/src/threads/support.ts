// What the tests on real threads share.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { jobModule } from 'offloop';

const at = (name: string): URL => new URL(`../jobs/${name}.js`, import.meta.url);

export const basic = jobModule<typeof import('../jobs/basic.js')>(at('basic'));
export const shared = jobModule<typeof import('../jobs/shared.js')>(at('shared'));
export const faulty = jobModule<typeof import('../jobs/faulty.js')>(at('faulty'));
export const place = jobModule<typeof import('../jobs/place.js')>(at('place'));

/** Shared words: word 0 counts what a job reports, word 1 is a gate (see jobs/shared.ts). */
export function sharedWords(length = 4): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Let a job that is blocked at the gate go on. */
export function openGate(words: Int32Array): void {
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
}

const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));

/** Wait until something is so that no event tells; `what` says what never came. */
export async function until(condition: () => boolean, what: string, limitMs = 30_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await turn();
  }
}

/**
 * Milliseconds that `work` took; it is done again, four times at most, while that is more than `limitMs`. A machine that stalls
 * makes one of them slow, a library that is slow all of them.
 */
export async function quickest(limitMs: number, work: () => unknown): Promise<number> {
  for (let left = 4; ; left--) {
    const begun = performance.now();
    await work();
    const took = performance.now() - begun;
    if (took < limitMs || left === 0) return took;
  }
}

/** Wait until a job has reported `count` times. */
export function reported(words: Int32Array, count = 1): Promise<void> {
  return until(() => Atomics.load(words, 0) >= count, `${count} reports of jobs`);
}

export type Failure = Error & { readonly code?: string; readonly cause?: unknown };

/** The error that something rejects with; a result fails the test. */
export async function failureOf(work: PromiseLike<unknown>): Promise<Failure> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with ${String(error)}, which is not an Error`, { cause: error });
  }
  throw new Error(`resolved with ${String(value)} instead of rejecting`);
}

/** The error that a call throws. */
export function thrownBy(call: () => unknown): Failure {
  try {
    call();
  } catch (error) {
    return error as Failure;
  }
  throw new Error('did not throw');
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the line that `mark` matches, or from the start, to the end. */
  readonly ms: number;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  /** When a line of stdout is the key, send this signal. */
  readonly signals?: Readonly<Record<string, NodeJS.Signals>>;
  /** The line of stdout from which the time counts. */
  readonly mark?: string;
  /** The program is killed after so long. */
  readonly limitMs?: number;
  /** It is run again, twice at most, while its `ms` are not below: see `quickest`. */
  readonly withinMs?: number;
}

/** Run a program of test/src/programs in a process of its own, to its end. A hang is killed: then `signal` is SIGKILL. */
export async function runProgram(name: string, options: ProgramOptions = {}): Promise<Ended> {
  for (let left = 2; ; left--) {
    const ended = await runOnce(name, options);
    if (ended.ms < (options.withinMs ?? Infinity) || left === 0) return ended;
  }
}

function runOnce(
  name: string,
  { args = [], execArgv = [], signals = {}, mark, limitMs = 30_000 }: ProgramOptions,
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [...execArgv, fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const killer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let since = performance.now();
  const stdout: string[] = [];
  let stderr = '';
  let line = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout.push(text);
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    for (const each of lines) {
      if (each === mark) since = performance.now();
      const signal = Object.hasOwn(signals, each) ? signals[each] : undefined;
      if (signal !== undefined) child.kill(signal);
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      resolve({ code, signal, stdout: stdout.join(''), stderr, ms: performance.now() - since });
    });
  });
}
