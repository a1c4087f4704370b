import type { CallHost } from './call-host.ts';
import { hearAnswers } from './interrupter.ts';

/** So often a thread that sends nothing is looked after: the end of a thread is told to an event loop only, and that stands. */
const probeMs = 100;

/** How a wait ended: as hoped, too late, or with the thread. */
export type Wakening = 'done' | 'late' | 'ended';

/**
 * Block this thread until `isDone`, taking in what arrives from the loop's thread and letting time-outs of its calls expire,
 * at most until `deadline` of the host's clock.
 */
export function blockUntil(isDone: () => boolean, host: CallHost, deadline: number): Wakening {
  const { link, signal, timeouts, clock } = host;
  const { connection } = link;
  const wake = (): void => signal.ring();
  signal.listen();
  try {
    connection.lane.flush();
    for (let isQuiet = false; ;) {
      const count = signal.count;
      const ended = isQuiet && !connection.isConnected();
      host.readArrived();
      timeouts.fireDue();
      hearAnswers(wake);
      if (isDone()) return 'done';
      if (ended) return 'ended';
      const now = clock.now();
      if (now >= deadline) return 'late';
      isQuiet = connection.park() && !signal.sleep(count, Math.min(deadline - now, timeouts.msToNext(), probeMs));
    }
  } finally {
    signal.unlisten();
  }
}
