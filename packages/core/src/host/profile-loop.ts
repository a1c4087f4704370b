import { Op } from '../wire/frames.ts';
import type { LoopThread } from './loop-thread.ts';
import { profileThread, type CpuProfile } from './profile.ts';

/** A thread that answers within this time is not stuck. */
const answerMs = 20;

/** Profile the thread of a loop; the process waits for it, as it does for a future that is awaited. */
export async function profileLoop(
  { name, threadId, ended, link, questions, holds }: LoopThread,
  ms: number,
): Promise<CpuProfile> {
  const isStuck = async (): Promise<boolean> =>
    link.size > 0 && (await questions.ask(answerMs, (request) => link.send([Op.Ping, request]))) === undefined;
  holds.acquire();
  try {
    return await profileThread({ threadId, what: `loop '${name}'`, ended: ended.promise, isStuck }, ms);
  } finally {
    holds.release();
  }
}
