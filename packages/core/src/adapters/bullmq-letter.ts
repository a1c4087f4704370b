import type { Job } from 'bullmq';

import { PoisonMessageError, type DeadLetter } from '../index.ts';
import { attemptOf } from './bullmq-delivery.ts';
import { Verdict } from './bullmq-errors.ts';

/** What is told of a job that BullMQ has moved to its failed ones: by our verdict, or because its consumers died too often. */
export function letterOf<T>(job: Job<T>, thrown: Error, raw: string | undefined): DeadLetter<T> {
  const { id = '', name, data } = job;
  // BullMQ has counted this failure already.
  const attempt = attemptOf(job) - 1;
  if (thrown instanceof Verdict) {
    const { reason = 'attempts', error } = thrown;
    if (reason === 'malformed') return Object.freeze({ id, name, data: undefined, raw, attempt: 0, reason, error });
    return Object.freeze({ id, name, data, attempt, reason, error });
  }
  // No handler had it this time.
  const taken = attempt - 1;
  // A flow's job may also fail with its child.
  if (!/stalled/.test(thrown.message))
    return Object.freeze({ id, name, data, attempt: taken, reason: 'dropped', error: thrown });
  const error = new PoisonMessageError(
    `message ${id} was taken ${taken} times, and nobody told how it ended: it probably ends its consumers`,
    { cause: thrown },
  );
  return Object.freeze({ id, name, data, attempt: taken, reason: 'poison', error });
}
