import { constants } from 'node:os';

import { createTask } from '../asyncio/create-task.ts';
import type { Task } from '../asyncio/task.ts';
import { systemClock } from '../base/clock.ts';
import { CancelledError, InvalidStateError, LoopClosedError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { aFunction, anArray, milliseconds, mustBe, oneOf, readOptions } from '../base/options.ts';
import { isAbort } from '../base/untrusted.ts';
import { liveLoops, type LiveLoop } from './live-loops.ts';
import type { CloseMode } from './shutdown.ts';

export interface RunMainOptions {
  /** Signals that stop the program. Default SIGINT and SIGTERM; `[]` for none. */
  readonly signals?: readonly NodeJS.Signals[];
  /** What the first signal does: `'cancel'` the main task, as asyncio does with Ctrl-C, or let it `'drain'`: only its
   * signal aborts, and it has `graceMs` to finish what it has taken on. Default `'cancel'`. */
  readonly onSignal?: 'cancel' | 'drain';
  /** Milliseconds that main and then the loops have to finish, before they are cancelled and then terminated. Default 5,000. */
  readonly graceMs?: number;
}

/** What is cancelled gets this long to clean up. */
const cancelMs = 1000;
/** After the grace: time to cancel, to terminate, and for what the program does after `run`. Then the process exits. */
const lastMs = 3000;

/*
 *   running ── signal ──► stopping ── main settles ────────────────────► closing its loops ──► over
 *      │                     │ graceMs over: main and loops cancelled         ▲
 *      │ main settles        │ second signal: loops terminated                │
 *      └─────────────────────┴───────────────────────────────────────────────►┘
 *   A signal sets the end: whatever still keeps the process alive graceMs and three seconds later, it exits (a second signal: in one).
 */
class MainRun<T> {
  readonly #task: Task<T>;
  readonly #stop = new AbortController();
  readonly #options: Required<RunMainOptions>;
  readonly #before: ReadonlySet<LiveLoop> = new Set(liveLoops());
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#signalled(signal);
  #signal: NodeJS.Signals | undefined;
  #settled = false;
  /** By the clock, when the time to finish in peace is over. */
  #graceEnd = Infinity;

  constructor(main: (signal: AbortSignal) => T | PromiseLike<T>, options: Required<RunMainOptions>) {
    this.#options = options;
    const body = async (): Promise<T> => {
      const result = await main(this.#stop.signal);
      // A main that saw its signal and returned has a result, however it saw it.
      this.#task.takeCancelRequest();
      return result;
    };
    Object.defineProperty(body, 'name', { value: main.name });
    this.#task = createTask(body, { name: 'main' });
    for (const signal of options.signals) process.on(signal, this.#onSignal);
  }

  async finish(): Promise<T | undefined> {
    // A main that waits for nothing but a Queue or its signal is not over: the process must not end under it, and not
    // before a signal has reached it.
    const hold = systemClock.setTimer(Infinity, () => {});
    try {
      return await this.#task;
    } catch (error) {
      // Being stopped by a signal is no failure of main, nor is what its closing loops have given up.
      if (this.#signal === undefined || !(isAbort(error) || error instanceof LoopClosedError)) throw error;
      return undefined;
    } finally {
      hold.cancel();
      this.#settled = true;
      const mode = this.#signal !== undefined && this.#options.onSignal === 'cancel' ? 'cancel' : 'drain';
      for (const end of await this.#closeLoops(mode)) if (end.status === 'rejected') warnOfEnd(end.reason);
      for (const signal of this.#options.signals) process.off(signal, this.#onSignal);
    }
  }

  #signalled(signal: NodeJS.Signals): void {
    const again = this.#signal !== undefined;
    this.#signal = signal;
    process.exitCode = exitCodeOf(signal);
    if (again) {
      void this.#closeLoops('terminate');
      this.#exitWithin(cancelMs);
      return;
    }
    const error = new CancelledError(`stopped by ${signal}`);
    this.#stop.abort(error);
    // Main is over and its loops are draining: what they still do is cancelled, or gets its grace.
    if (this.#settled && this.#options.onSignal === 'cancel') void this.#closeLoops('cancel');
    if (this.#options.onSignal === 'cancel') this.#task.cancel(error);
    const { graceMs } = this.#options;
    this.#graceEnd = systemClock.now() + graceMs;
    systemClock.setTimer(graceMs, () => this.#graceOver(error)).unref();
    this.#exitWithin(graceMs + lastMs);
  }

  #graceOver(error: CancelledError): void {
    this.#task.cancel(error);
    void this.#closeLoops('cancel');
  }

  /** After a signal all loops of the thread end; else only those that main has made. */
  #closeLoops(mode: CloseMode): Promise<PromiseSettledResult<void>[]> {
    const own = [...liveLoops()].filter((loop) => this.#signal !== undefined || !this.#before.has(loop));
    const drainMs = Math.max(0, Math.min(this.#options.graceMs, this.#graceEnd - systemClock.now()));
    return intrinsics.Promise.allSettled(
      own.map((loop) => loop.close({ mode, graceMs: mode === 'drain' ? drainMs : cancelMs })),
    );
  }

  /** Holds nothing: it counts only where something else still keeps the process alive. */
  #exitWithin(ms: number): void {
    systemClock
      .setTimer(ms, () => intrinsics.exit(this.#signal === undefined ? undefined : exitCodeOf(this.#signal)))
      .unref();
  }
}

/** No program can handle SIGKILL and SIGSTOP. */
const catchable = Object.keys(constants.signals).filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP');

let running = false;

/**
 * Run a program's main function as a task, with clean ends: asyncio's `run`. The process stays alive until main settles.
 * While it runs, the first SIGINT or SIGTERM aborts `signal` and (unless `onSignal` is `'drain'`) cancels the task; then the
 * loops are closed. The second signal terminates the loops. `graceMs` and three seconds after the first signal (a second
 * after the second) the process exits, whatever still keeps it alive; by default that is eight seconds. Stopped by a signal,
 * the promise resolves with what main returned, or undefined when it ended cancelled, and the exit code is 128 plus the
 * signal's number. When main settles by itself, the loops that it has made are drained and closed. No handler is
 * installed before, and none stays after.
 *
 * @example
 * await run(async (signal) => {
 *   const loop = new WorkerLoop();
 *   while (!signal.aborted) console.log(await loop.run(jobs.fib(10)), signal.aborted || (await sleep(1000)));
 * });
 */
export async function run<T>(
  main: (signal: AbortSignal) => T | PromiseLike<T>,
  options?: RunMainOptions,
): Promise<T | undefined> {
  mustBe('the main function of run (not the promise that it returns)', main, aFunction);
  const {
    signals = ['SIGINT', 'SIGTERM'],
    onSignal = 'cancel',
    graceMs = 5000,
  } = readOptions('run', options, {
    signals: anArray,
    onSignal: oneOf('cancel', 'drain'),
    graceMs: milliseconds,
  });
  for (const [index, signal] of signals.entries()) mustBe(`signals[${index}] of run`, signal, oneOf(...catchable));
  if (running)
    throw new InvalidStateError(
      'run() cannot be called while another run() is going on; await the other one, or use createTask',
    );
  running = true;
  try {
    return await new MainRun(main, { signals: [...new Set(signals)], onSignal, graceMs }).finish();
  } finally {
    running = false;
  }
}

/** What main made of itself is the outcome of `run`; a loop that did not end in peace is told beside it. */
function warnOfEnd(reason: unknown): void {
  intrinsics.emitWarning(reason instanceof Error ? reason : String(reason));
}

function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
