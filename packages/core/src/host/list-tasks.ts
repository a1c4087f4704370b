import { Op, type TaskInfo } from '../wire/frames.ts';
import type { LoopThread } from './loop-thread.ts';

/** A thread that is not blocked answers within this time. */
const answerMs = 100;

/** What a thread says: what ran there then, and which calls of ours were among it. */
interface Answer {
  readonly tasks: readonly TaskInfo[];
  readonly ids: readonly number[];
}

/** What runs or waits on a loop: by its own word, or while its thread is blocked by what is known on this side. */
export async function listTasks({ link, questions, holds, state }: LoopThread): Promise<TaskInfo[]> {
  if (state === 'closed') return [];
  holds.acquire();
  const answer = await questions.ask<Answer>(answerMs, (request) => link.send([Op.Tasks, request]));
  holds.release();
  const told = new Set(answer?.ids);
  const waiting: TaskInfo[] = [];
  // All of them where the thread says nothing, else those that have begun since it did.
  const running: TaskInfo[] = [];
  for (const call of link.calls()) {
    const info = { name: call.name ?? call.label, job: call.label };
    const now = link.stateOf(call);
    if (now === 'queued') waiting.push({ ...info, state: 'pending' });
    else if ((now === 'running' || now === 'cancelling') && !told.has(call.id)) running.push({ ...info, state: now });
  }
  return [...(answer?.tasks ?? []), ...running, ...waiting];
}
