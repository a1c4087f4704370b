// Consumers as processes of their own, killed one after another while they work; each effect is a line in a ledger.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ChaosOptions {
  /** A program of test/src/programs, and its arguments before those that this file gives: the ledger and the concurrency. */
  readonly program: string;
  readonly args: readonly string[];
  readonly messages: number;
  readonly kills: number;
  readonly processes: number;
  readonly concurrency: number;
  /** Messages that are not done, those with the dead letters too. */
  readonly left: () => Promise<number>;
  readonly limitMs: number;
}

export interface ChaosReport {
  readonly enqueued: number;
  readonly done: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly stuck: number;
  readonly kills: number;
  readonly seconds: number;
}

/** Kill a consumer whenever another part of the work is done, start one in its place, and count when nothing is left. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const { messages, kills, processes, concurrency, limitMs } = options;
  const folder = mkdtempSync(join(tmpdir(), 'offloop-chaos-'));
  const ledger = join(folder, 'ledger');
  const file = fileURLToPath(new URL(`../programs/${options.program}.js`, import.meta.url));
  const start = (): ChildProcess =>
    spawn(process.execPath, [file, ...options.args, ledger, String(concurrency)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const lines = (): string[] => (existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : []);
  const begin = performance.now();
  const inTime = (): boolean => performance.now() - begin < limitMs;
  const running = Array.from({ length: processes }, start);
  let killed = 0;
  let left = messages;
  try {
    while (left > 0 && inTime()) {
      if (killed < kills && lines().length >= ((killed + 1) * messages) / (kills + 1)) {
        running.shift()?.kill('SIGKILL');
        running.push(start());
        killed++;
      }
      await new Promise((resolve) => void setTimeout(resolve, 10));
      if (killed === kills) left = await options.left();
    }
    const noted = lines();
    const done = new Set(noted).size;
    const seconds = Math.round((performance.now() - begin) / 100) / 10;
    return {
      enqueued: messages,
      done,
      lost: messages - done,
      duplicates: noted.length - done,
      stuck: left,
      kills: killed,
      seconds,
    };
  } finally {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
