import { systemClock } from '../base/clock.ts';
import { Op } from '../wire/frames.ts';
import { stackOf } from './interrupter.ts';
import type { StallInfo } from './loop-types.ts';
import type { LoopThread } from './loop-thread.ts';
import { StallWatch } from './stall-watch.ts';

/** Watch the thread of a loop. */
export function watchStalls(
  thread: LoopThread,
  stalledMs: number,
  isHeard: () => boolean,
  tell: (info: StallInfo) => void,
): StallWatch {
  const { link, questions } = thread;
  return new StallWatch(systemClock, stalledMs, {
    isHeard,
    get isBusy() {
      return link.size > 0;
    },
    get isReady() {
      return thread.state === 'running' || thread.state === 'closing';
    },
    get entered() {
      return link.entered;
    },
    ping(answered) {
      questions.askFor((request) => link.send([Op.Ping, request]), answered);
    },
    readArrived: () => thread.readArrived(),
    onStalled(entered, ms) {
      const job = link.calls().find(({ id }) => id === entered)?.label;
      void stackOf(thread.threadId).then((stack = '') => tell({ job, ms, stack }));
    },
  });
}
