// The built gateway as a real child process.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../packages/examples/dist/gateway/main.js', import.meta.url));

/** Longer than any test: what is still running then has nobody who waits for it. */
const hardLimitMs = 30_000;

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds since the last signal. */
  readonly ms: number;
}

const running = new Set<Program>();

export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<Ending>;
  #stdout = '';
  #stderr = '';
  #signalledAt = 0;
  #onOutput: (() => void) | undefined;

  /** The measurement. */
  constructor(...args: readonly string[]);
  /** With these environment variables: what it serves. */
  constructor(env: Readonly<Record<string, string>>, ...args: readonly string[]);
  constructor(first: Readonly<Record<string, string>> | string = {}, ...rest: readonly string[]) {
    const { REDIS_URL: _, ...others } = process.env;
    const env = typeof first === 'string' ? others : { ...others, ...first };
    const args = typeof first === 'string' ? [first, ...rest] : rest;
    this.#child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#onOutput?.();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = this.#end();
  }

  /** End those that a failed test has left: they would take the messages of the next one. */
  static async endAll(): Promise<void> {
    await Promise.all(
      [...running].map((program) => {
        program.signal('SIGKILL');
        return program.ended();
      }),
    );
  }

  /** Resolves as soon as the output contains `text`; rejects when the program ends without it. */
  async prints(text: string): Promise<void> {
    const found = new Promise<void>((resolve) => {
      this.#onOutput = () => this.#stdout.includes(text) && resolve();
      this.#onOutput();
    });
    const ended = this.#ended.then(({ stdout, stderr }) => {
      if (!stdout.includes(text)) throw new Error(`the program ended without printing ${text}: ${stdout}${stderr}`);
    });
    await Promise.race([found, ended]);
  }

  signal(name: NodeJS.Signals): void {
    this.#signalledAt = performance.now();
    this.#child.kill(name);
  }

  /** Read no more, as `head -1` does. */
  stopReading(): void {
    this.#child.stdout.destroy();
  }

  ended(): Promise<Ending> {
    return this.#ended;
  }

  async #end(): Promise<Ending> {
    const closed = once(this.#child, 'close');
    running.add(this);
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), hardLimitMs);
    const [code] = (await once(this.#child, 'exit')) as [number | null];
    clearTimeout(limit);
    running.delete(this);
    const ms = performance.now() - this.#signalledAt;
    await closed;
    return { code, stdout: this.#stdout, stderr: this.#stderr, ms };
  }
}

/** A row of the table that the program ends with. */
export interface TableRow {
  readonly mode: string;
  readonly report: string;
  readonly wall: number;
  readonly speedUp: number;
  readonly sent: number;
  readonly failed: number;
  readonly alerts: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function tableOf(stdout: string): TableRow[] {
  const rows = stdout.matchAll(
    /^(sequential|concurrent) +(in main|on loop) +([\d.]+) s +([\d.]+)x +(\d+) +(\d+) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+)$/gm,
  );
  return [...rows].map(([, mode = '', report = '', ...numbers]) => {
    const [wall = NaN, speedUp = NaN, sent = NaN, failed = NaN, alerts = NaN, p50 = NaN, p99 = NaN, max = NaN] =
      numbers.map(Number);
    return { mode, report, wall, speedUp, sent, failed, alerts, p50, p99, max };
  });
}

/** The counts at the end of a gateway that has served a queue. */
export interface ServingSummary {
  readonly sent: number;
  readonly givenUp: number;
  readonly alerts: number;
  readonly failed: number;
  readonly givenBack: number;
  readonly lost: number;
  /** NaN when the queue could not be asked. */
  readonly waiting: number;
}

export function summaryOfServing({ stdout, stderr }: Ending): ServingSummary {
  const found =
    /(\d+) sent, (\d+) given up \((\d+) alerts?\), (\d+) failed attempts?, (\d+) given back in flight, (\d+) lost to others\n(?: +(\d+) waiting in)?/.exec(
      stdout,
    );
  if (found === null) throw new Error(`there is no summary in: ${stdout}${stderr}`);
  const [sent = NaN, givenUp = NaN, alerts = NaN, failed = NaN, givenBack = NaN, lost = NaN, waiting = NaN] = found
    .slice(1)
    .map(Number);
  return { sent, givenUp, alerts, failed, givenBack, lost, waiting };
}
