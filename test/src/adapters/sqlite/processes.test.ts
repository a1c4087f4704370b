import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sqliteQueue } from 'offloop/sqlite';
import { describe, expect, test } from 'vitest';

import { Folder, hasSqlite } from './support.js';

// Processes that are killed and stopped, with real signals; consumers that are killed by the dozen are in test/src/chaos.

const after = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A program of test/src/programs, and what it says. */
class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  #rest = '';

  constructor(name: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`../../programs/${name}.js`, import.meta.url));
    this.#child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
  }

  get isEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async says(what: RegExp): Promise<void> {
    for (let line = this.lines.find((each) => what.test(each)); line === undefined;) {
      if (this.isEnded) throw new Error(`it ended without ${String(what)}: ${this.lines.join('; ')}`);
      await after(2);
      line = this.lines.find((each) => what.test(each));
    }
  }

  /** It must not outlive a test that fails. */
  [Symbol.dispose](): void {
    if (!this.isEnded) this.signal('SIGKILL');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.ended;
  }
}

function ledgerOf(path: string): number[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => Number(line.split(' ')[0]));
}

describe.skipIf(!hasSqlite)('a queue in a file', () => {
  test('has whatever put() has resolved for when the producer is killed', async () => {
    using folder = new Folder();
    using producer = new Program('sqlite-producer', folder.file);
    await producer.says(/^150$/);
    await producer.end('SIGKILL');
    await using queue = sqliteQueue<number>(folder.file);
    const got: number[] = [];
    const { waiting } = await queue.stats();
    const intake = queue.consume(({ data }) => Promise.resolve(got.push(data)), {
      concurrency: 50,
      onError: () => {},
      onDead: () => {},
    });
    while (got.length < waiting) await after(2);
    await intake.drain();
    await intake.close();
    expect(got).toEqual(expect.arrayContaining(producer.lines.map(Number)));
    // It may have stored some that it could not say any more.
    expect(waiting - producer.lines.length).toBeLessThanOrEqual(10);
  });

  test('a consumer that was stopped and goes on knows that its messages are gone, and acknowledges none of them', async () => {
    using folder = new Folder();
    const ledger = join(folder.path, 'ledger');
    await using queue = sqliteQueue<number>(folder.file);
    using stopped = new Program('sqlite-consumer', folder.file, ledger, '4', '400', '60000');
    await stopped.says(/ready/);
    await queue.putMany([1, 2, 3, 4]);
    while ((await queue.stats()).held < 4) await after(2);
    stopped.signal('SIGSTOP');
    using other = new Program('sqlite-consumer', folder.file, join(folder.path, 'other'), '4', '400', '1');
    while ((await queue.stats()).held + (await queue.stats()).waiting > 0) await after(5);
    stopped.signal('SIGCONT');
    await stopped.says(/error lease LeaseLostError/);
    await Promise.all([stopped.end('SIGTERM'), other.end('SIGTERM')]);
    expect(ledgerOf(join(folder.path, 'other')).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
    expect(ledgerOf(ledger)).toEqual([]);
    expect(stopped.lines.at(-1)).toBe('closed 0');
  });
});
