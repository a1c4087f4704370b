import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a child is to do, and what it answers; on its output the answer stands behind the marker. */
export interface ChildOrder {
  readonly contestant: string;
  readonly workload: string;
  readonly budgetMs: number;
  readonly warmUpMs: number;
}
export interface ChildWord {
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly error?: string;
}
export const childMarker = 'offloop-bench ';

/** What became of one contestant with one workload in one round. */
export type Outcome =
  | { readonly status: 'done'; readonly metrics: Readonly<Record<string, number>>; readonly ms: number }
  | { readonly status: 'late' | 'failed' | 'cannot'; readonly reason: string; readonly ms: number };

const child = fileURLToPath(new URL('./child.js', import.meta.url));
/** The end of what it says is what tells the reason. */
const mostText = 64 * 1024;

/** Run it in a process of its own, which is killed when it takes longer than the limit. Never rejects. */
export function outcomeOf(order: ChildOrder, limitMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const process = spawn(globalThis.process.execPath, [child, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let isLate = false;
    let text = '';
    const timer = setTimeout(() => {
      isLate = true;
      process.kill('SIGKILL');
    }, limitMs);
    for (const stream of [process.stdout, process.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-mostText)));
    const end = (reason: string): void => {
      clearTimeout(timer);
      const ms = performance.now() - begin;
      resolve(isLate ? { status: 'late', reason: `> ${limitMs / 1000} s`, ms } : read(text, reason, ms));
    };
    process.on('error', (error) => end(error.message));
    process.on('close', (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`));
  });
}

function read(text: string, ending: string, ms: number): Outcome {
  const line = text.split('\n').find((each) => each.startsWith(childMarker));
  if (line === undefined) {
    const reason = `${ending}: ${/^\w*Error.*$/m.exec(text)?.[0] ?? (text.trim().slice(-200) || 'it said nothing')}`;
    return { status: 'failed', reason, ms };
  }
  const word = JSON.parse(line.slice(childMarker.length)) as ChildWord;
  if (word.metrics === undefined) return { status: 'failed', reason: word.error ?? 'it said nothing', ms };
  // NaN travels as null: what the system does not tell was not measured.
  const known = Object.entries(word.metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  return { status: 'done', metrics: Object.fromEntries(known), ms };
}
