import { Op, type TaskInfo } from '../wire/frames.ts';
import type { LoopThread } from './loop-thread.ts';

/** A thread that is not blocked answers within this time. */
const answerMs = 100;

/** What runs or waits on a loop: by its own word, or while its thread is blocked by what is known on this side. */
export async function listTasks({ link, questions, holds, state }: LoopThread): Promise<TaskInfo[]> {
  if (state === 'closed') return [];
  holds.acquire();
  const inThread = await questions.ask<readonly TaskInfo[]>(answerMs, (request) => link.send([Op.Tasks, request]));
  holds.release();
  const calls = link
    .calls()
    .map((call) => ({ name: call.name ?? call.label, job: call.label, state: link.stateOf(call) }));
  const waiting = calls
    .filter((call) => call.state === 'queued')
    .map((call) => ({ ...call, state: 'pending' as const }));
  if (inThread !== undefined) return [...inThread, ...waiting];
  const running = calls.filter((call) => call.state === 'running' || call.state === 'cancelling') as TaskInfo[];
  return [...running, ...waiting];
}
