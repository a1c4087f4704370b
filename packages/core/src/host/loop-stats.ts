import type { ErrorReporter } from './error-reporter.ts';
import type { LoopStats } from './loop-types.ts';
import type { LoopThread } from './loop-thread.ts';

/** What a loop tells of itself: read from memory that its thread shares, so that it need not be asked. */
export function loopStats(thread: LoopThread, reporter: ErrorReporter): LoopStats {
  const { link, gauges } = thread;
  return Object.freeze({
    state: thread.state,
    inFlight: link.size,
    waitTime: gauges.waiting.summary(),
    runTime: gauges.running.summary(),
    utilization: thread.utilization,
    heap: gauges.heap,
    zombies: thread.zombies,
    lost: thread.isLost,
    unhandled: reporter.count,
    garbage: link.garbage,
  });
}
