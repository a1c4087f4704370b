import { Op } from '../wire/frames.ts';
import type { LoopThread } from './loop-thread.ts';
import { profileThread, type CpuProfile } from './profile.ts';

/** A thread that answers within this time is not stuck. */
const answerMs = 20;

/** Profile the thread of a loop. */
export function profileLoop(
  { name, threadId, ended, link, questions, holds }: LoopThread,
  ms: number,
): Promise<CpuProfile> {
  const isStuck = async (): Promise<boolean> => {
    if (link.size === 0) return false;
    holds.acquire();
    const answer = await questions.ask(answerMs, (request) => link.send([Op.Ping, request]));
    holds.release();
    return answer === undefined;
  };
  return profileThread({ threadId, what: `loop '${name}'`, ended: ended.promise, isStuck }, ms);
}
