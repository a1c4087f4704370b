import { CloseTimeoutError } from '../base/errors.ts';
import type { CloseOptions } from '../host/loop-types.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';

/** Close all of these, and throw what went wrong when all have ended: several time-outs as one error. */
export async function closeLoops(loops: readonly WorkerLoop[], options: Required<CloseOptions>): Promise<void> {
  const outcomes = await Promise.allSettled(loops.map((loop) => loop.close(options)));
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  if (errors.length === 0) return;
  const [first] = errors;
  if (errors.length === 1) throw first;
  const timedOut = errors.filter((error) => error instanceof CloseTimeoutError);
  if (timedOut.length < errors.length)
    throw new AggregateError(errors, `${errors.length} loops of the pool did not close as they should`);
  throw new CloseTimeoutError(
    timedOut.map(({ message }) => message).join('; '),
    timedOut.flatMap(({ unsettled }) => unsettled),
  );
}
