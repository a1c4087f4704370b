import { CancelledError, LoopClosedError, LoopCrashedError, NotCloneableError, QueueFullError } from '../index.ts';

/** What the rejection of a pool means. Its own words are kept as the cause, except for a cancel, which is nobody's fault. */
export function peerError(kind: string, job: string, thrown: unknown): Error {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const what = `job ${job} on ${kind}`;
  // Tinypool's `cancelPendingTasks`.
  if (cause.name === 'CancelError') return new CancelledError(`${what} was cancelled with all that waited`);
  if (cause.name === 'AbortError')
    return new LoopClosedError(`${what} was not run: its pool is being closed`, { cause });
  if (cause.name === 'DataCloneError')
    return new NotCloneableError('', `${what} was refused: ${cause.message}`, { cause });
  if (/queue is at limit|No task queue available/.test(cause.message))
    return new QueueFullError(`${what} was refused: ${cause.message}`);
  const exitCode = Number(/exited with code: (-?\d+)/.exec(cause.message)?.[1] ?? -1);
  return new LoopCrashedError(`the thread of ${what} has ended: ${cause.message}`, exitCode, { cause });
}
