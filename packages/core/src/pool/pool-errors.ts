import { LoopClosedError, PoolBrokenError, QueueFullError, TimeoutError } from '../base/errors.ts';

export function poolClosedError(pool: string, state: string): LoopClosedError {
  return new LoopClosedError(`pool '${pool}' is ${state} and takes no more work; make a new LoopPool`);
}

/** The pool was closed before this call had begun. */
export function droppedError(pool: string, job: string): LoopClosedError {
  return new LoopClosedError(`job ${job} was not begun on pool '${pool}': it closed first`);
}

export function brokenError(pool: string, why: string, cause: Error | undefined): PoolBrokenError {
  const last = cause === undefined ? '' : `; the last one: ${cause.message}`;
  return new PoolBrokenError(
    `pool '${pool}' is broken and runs nothing more: ${why}${last}. Find out what ends its loops, or raise option restart`,
    cause === undefined ? undefined : { cause },
  );
}

export function poolFullError(pool: string, waiting: number, maxQueue: number): QueueFullError {
  return new QueueFullError(
    `${waiting} calls wait in pool '${pool}' and the limit (maxQueue) is ${maxQueue}; wait for room with await pool.ready(), or raise it`,
  );
}

export function deadlineError(pool: string, job: string, ms: number, begun: boolean): TimeoutError {
  const where = begun ? 'was not done; it has been asked to cancel' : 'had not begun, and never will';
  return new TimeoutError(
    `job ${job} on pool '${pool}' ${where}: its deadline was ${ms} ms after it was given to the pool`,
  );
}
