import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';

import { systemClock } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { Op } from '../wire/frames.ts';
import { blockUntil, onLoop } from './block.ts';
import type { CallHost } from './call-host.ts';
import { lostThreads } from './lost-threads.ts';
import type { Questions } from './questions.ts';

/** A loop that may still have its thread when the process exits. */
export interface ExitingLoop extends CallHost {
  readonly questions: Questions;
  /** Its thread has its end of the link. */
  readonly hasBegun: boolean;
  terminate(timedOut: boolean): void;
}

/** A thread that is not blocked answers within a millisecond. */
const answerMs = 50;
/** One that is terminated ends within some. */
const endMs = 400;
const lookMs = 2;

let uncaught: { readonly error: unknown } | undefined;

/*
 * Node ends and joins its threads after the exit listeners, for ever where one cannot be ended:
 *
 *   exit ── is any thread lost? ──────────────────────────────────────────────────────────────────► leave
 *            └ no: does each answer? ── yes ──► Node's own end                                         ▲
 *                    └ no: terminate those that do not; do they end? ── yes ──► Node's own end         │
 *                                                        └ no: lost ───────────────────────────────────┘
 *
 * `leave` replaces the process by a shell that ends with its exit code at once, or where Node cannot do that (before 22.15),
 * kills it. Threads that a worker owns are not looked after.
 */
/** Have the process end in bounded time, with its own exit code where that can be, whatever its threads do. */
export function watchExit(loops: ReadonlySet<ExitingLoop>): void {
  if (!isMainThread) return;
  const onExit = (code: number): void => {
    if (lostThreads() === 0 && endBlocked(loops)) return;
    callThoseAfter(onExit, code);
    leave(code);
  };
  process.on('exit', onExit);
  // What nobody catches is printed after the exit listeners.
  process.on('uncaughtExceptionMonitor', (error) => (uncaught = { error }));
}

/** False when a thread cannot be ended. */
function endBlocked(loops: ReadonlySet<ExitingLoop>): boolean {
  const asked = [...loops].map((loop) => ({ loop, hasAnswered: ask(loop) }));
  const answerBy = systemClock.now() + answerMs;
  const blocked = asked.filter(
    ({ loop, hasAnswered }) =>
      blockUntil(hasAnswered, onLoop('an answer', loop), answerBy - systemClock.now()) === 'late',
  );
  for (const { loop } of blocked) loop.terminate(false);
  const endBy = systemClock.now() + endMs;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  // One that has not begun has run nothing that could block it: Node ends it.
  while (blocked.some(({ loop: { hasBegun, link } }) => hasBegun && link.connection.isConnected())) {
    if (systemClock.now() >= endBy) return false;
    Atomics.wait(pause, 0, 0, lookMs);
  }
  return true;
}

function ask({ questions, link }: ExitingLoop): () => boolean {
  let hasAnswered = false;
  questions.askFor(
    (request) => link.send([Op.Ping, request]),
    () => (hasAnswered = true),
  );
  return () => hasAnswered;
}

/** The process does not come back from here: listeners behind this one have their turn now. */
function callThoseAfter(own: (code: number) => void, code: number): void {
  const listeners = process.rawListeners('exit');
  for (const listener of listeners.slice(listeners.indexOf(own) + 1)) {
    try {
      Reflect.apply(listener, process, [code]);
    } catch (error) {
      uncaught ??= { error };
    }
  }
}

function leave(code: number): void {
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void };
  try {
    if (uncaught !== undefined) writeSync(2, `Uncaught ${inspect(uncaught.error)}\n\nNode.js ${process.version}\n`);
    process.removeAllListeners('warning');
    if (process.platform !== 'win32') execve?.call(process, '/bin/sh', ['sh', '-c', `exit ${Number(code) & 255}`], {});
  } catch {
    // No shell there, or nobody reads what is printed.
  }
  intrinsics.kill(process.pid, 'SIGKILL');
}
