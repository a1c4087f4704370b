import { Op } from '../wire/frames.ts';
import type { CallerLink } from '../link/caller-link.ts';
import type { Holds } from '../link/holds.ts';
import type { Questions } from './questions.ts';

/** When the process ends: how long a thread with work, and one without, may take to show that it is not blocked. */
const busyMs = 100;
const idleMs = 2500;
/** How long one without work may take for its output. */
const flushMs = 5000;

/** Wait until what a thread has printed is out, as long as that is worth it. */
export async function flushOutput(link: CallerLink, questions: Questions, holds: Holds): Promise<void> {
  const ask = (op: typeof Op.Tasks | typeof Op.Flush, limitMs: number): Promise<unknown> =>
    questions.ask(limitMs, (request) => link.send([op, request]));
  holds.acquire();
  // Only a thread that has nothing to do, and answers at once, is waited for as long as its output takes.
  const isIdle = link.size === 0 && (await ask(Op.Tasks, idleMs)) !== undefined;
  await ask(Op.Flush, isIdle ? flushMs : busyMs);
  holds.release();
}
