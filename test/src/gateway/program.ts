// The built gateway as a real child process.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../packages/examples/dist/gateway/main.js', import.meta.url));

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds since the last signal. */
  readonly ms: number;
}

export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<Ending>;
  #stdout = '';
  #stderr = '';
  #signalledAt = 0;
  #onOutput: (() => void) | undefined;

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#onOutput?.();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = this.#end();
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
    const [code] = (await once(this.#child, 'exit')) as [number | null];
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
