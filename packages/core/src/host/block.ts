import { threadId } from 'node:worker_threads';

import { futureInternals, type Future } from '../asyncio/future.ts';
import { systemClock } from '../base/clock.ts';
import { InvalidStateError, LoopCrashedError, TimeoutError } from '../base/errors.ts';
import { flushLanes } from '../link/open-lanes.ts';
import { ownSignal } from '../link/signal.ts';
import type { CallHost } from './call-host.ts';
import { hearAnswers } from './interrupter.ts';

/** So often a thread that sends nothing is looked after: the end of a thread is told to an event loop only, and that stands. */
const probeMs = 100;

/** What a blocked thread waits for. */
export interface Awaited {
  /** What it is, in errors: job fib on loop 'loop-1'. */
  readonly what: string;
  /** The loop that has it, if one has. */
  readonly host: () => CallHost | undefined;
  /** All loops whose work it may depend on. */
  readonly hosts: () => readonly CallHost[];
  /** Do what no timer does meanwhile; milliseconds until it has to be called again. */
  readonly look: () => number;
}

/** Something that one loop does. */
export function onLoop(what: string, host: CallHost): Awaited {
  return { what: `${what} on loop '${host.name}'`, host: () => host, hosts: () => [host], look: () => Infinity };
}

/** Block this thread until a future is done; throws what `blockUntil` throws, TimeoutError, or LoopCrashedError when its thread is gone. */
export function block(future: Future<unknown>, awaited: Awaited, timeoutMs: number): void {
  const wakening = blockUntil(() => future.done, awaited, timeoutMs);
  if (wakening === 'late') throw new TimeoutError(`${awaited.what} was not done after ${timeoutMs} ms; it goes on`);
  if (wakening === 'done') return;
  futureInternals.observe(future);
  throw new LoopCrashedError(`the thread of ${awaited.what} has ended, and this one blocks for it`, -1);
}

/** How a wait ended: as hoped, too late, or with the thread. */
export type Wakening = 'done' | 'late' | 'ended';

/**
 * Block this thread until `isDone`, taking in what arrives and letting time-outs expire, for at most so many milliseconds. Throws
 * InvalidStateError where the wait would never end: for this thread itself, or for one that blocks for this one.
 */
export function blockUntil(isDone: () => boolean, { what, host, hosts, look }: Awaited, timeoutMs: number): Wakening {
  if (host()?.threadId === threadId)
    throw new InvalidStateError(`resultSync() of ${what}, which would run in the thread that it blocks: await it`);
  const signal = ownSignal();
  const wake = (): void => signal.ring();
  const deadline = systemClock.now() + timeoutMs;
  signal.listen();
  try {
    for (let isQuiet = false; ;) {
      flushLanes();
      const count = signal.count;
      const isLost = isQuiet && !isAnyConnected(host(), hosts());
      const dueMs = takeIn(hosts());
      const pauseMs = Math.min(dueMs, look(), probeMs);
      hearAnswers(wake);
      if (isDone()) return 'done';
      if (isLost) return 'ended';
      const leftMs = deadline - systemClock.now();
      if (leftMs <= 0) return 'late';
      isQuiet = hosts().every(({ link }) => link.connection.park());
      if (!isQuiet) continue;
      const cycle = signal.fallAsleep(count, host()?.threadId);
      if (cycle !== undefined) throw cycleError(cycle, what);
      isQuiet = !signal.sleep(count, Math.min(leftMs, pauseMs));
    }
  } finally {
    signal.unlisten();
  }
}

/** Take in what has arrived; milliseconds until the next time-out of a call. */
function takeIn(hosts: readonly CallHost[]): number {
  let ms = Infinity;
  for (const host of hosts) {
    host.readArrived();
    host.timeouts.fireDue();
    ms = Math.min(ms, host.timeouts.msToNext());
  }
  return ms;
}

function isAnyConnected(host: CallHost | undefined, hosts: readonly CallHost[]): boolean {
  return (host === undefined ? hosts : [host]).some(({ link }) => link.connection.isConnected());
}

function cycleError(cycle: readonly number[], what: string): InvalidStateError {
  const names = [...cycle, cycle[0]].map((id) => (id === 0 ? 'the main thread' : `thread ${id}`));
  return new InvalidStateError(
    `resultSync() of ${what} would wait for ever: ${names.join(' waits for ')}. Await one of them instead`,
    'OFFLOOP_WAIT_CYCLE',
  );
}
