import { spawn, type ChildProcess } from 'node:child_process';

export interface ChildOptions {
  readonly file: string;
  /** Handed over as JSON, in the first argument. */
  readonly order: unknown;
  /** Then it is killed. */
  readonly limitMs: number;
  readonly execArgv?: readonly string[];
  /** So many characters of what it says are kept: the end tells the reason. Default 64 K. */
  readonly mostText?: number;
  /** Something more was said; `text` is all that is kept so far. */
  readonly onText?: (text: string, child: ChildProcess) => void;
}

/** How a child process has ended. */
export interface ChildEnd {
  /** What it said, on both of its outputs. */
  readonly text: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was killed at the limit. */
  readonly isLate: boolean;
  readonly ms: number;
  /** In words. */
  readonly ending: string;
}

/** Run a script of ours in a process of its own, to its end or to the limit. Never rejects. */
export function runChild(options: ChildOptions): Promise<ChildEnd> {
  const { file, order, limitMs, execArgv = [], mostText = 64 * 1024, onText } = options;
  return new Promise((resolve) => {
    const begin = performance.now();
    const child = spawn(process.execPath, [...execArgv, file, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let isLate = false;
    let text = '';
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text = (text + chunk).slice(-mostText);
        onText?.(text, child);
      });
    const end = (code: number | null, signal: NodeJS.Signals | null, ending: string): void => {
      clearTimeout(timer);
      resolve({ text, code, signal, isLate, ms: performance.now() - begin, ending });
    };
    child.on('error', (error) => end(null, null, error.message));
    child.on('close', (code, signal) => end(code, signal, `ended with ${signal ?? `exit code ${code}`}`));
  });
}

/** Why a child has ended without an answer: its ending, and the error that it told of. */
export function reasonOf({ ending, text }: ChildEnd): string {
  return `${ending}: ${/^(?:\w*Error|DOMException)\b.*$/m.exec(text)?.[0] ?? (text.trim().slice(-200) || 'it said nothing')}`;
}
