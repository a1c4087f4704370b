import type { Transferable } from 'node:worker_threads';

import type { CarriedValues } from '../base/carriers.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { packArguments, refusedArguments } from '../link/call-request.ts';
import { isSimple } from '../wire/plain.ts';
import { takeCoroutine, type Coroutine } from './coroutine.ts';

/** What a coroutine describes: a call of a job module's export. */
export interface CoroutineCall {
  /** The job module's URL. */
  readonly url: string;
  /** The job: the name of the export. */
  readonly name: string;
  /** Copies of the arguments, as they were when the call was taken; they can be sent to another thread for certain. */
  readonly args: readonly unknown[];
  /** What of the arguments moves (see `move`). */
  readonly transfer: readonly Transferable[];
  /** What travels with it (see `carry`), if anything does; `withCarried` runs the job inside of it. */
  readonly carried?: CarriedValues;
}

/**
 * Take what a coroutine describes, in order to run it: for those who write an executor of their own. A coroutine can be
 * taken once. Throws InvalidArgumentError for what is no coroutine, InvalidStateError for one that was scheduled before,
 * NotCloneableError for an argument that cannot be sent, and CarryError.
 *
 * @example
 * const here: Executor = {
 *   run<T>(coroutine: Coroutine<T>) {
 *     const { url, name, args, carried = [] } = takeCall(coroutine);
 *     return createTask(async () => {
 *       const { [name]: job } = (await import(url)) as Record<string, (...args: readonly unknown[]) => T>;
 *       return withCarried(carried, () => job!(...args));
 *     });
 *   },
 * };
 * console.log(await here.run(jobs.fib(20))); // 6765
 */
export function takeCall(coroutine: Coroutine<unknown>): CoroutineCall {
  const request = takeCoroutine('takeCall', coroutine);
  const { url, name } = request.job;
  if (request.carried?.error !== undefined) throw request.carried.error;
  const { values, transfer, carried } = packArguments(request);
  const luggage = carried === undefined ? {} : { carried };
  if (transfer.length === 0 && values.every(isSimple) && (carried ?? []).every(isSimple))
    return { url, name, args: values, transfer, ...luggage };
  try {
    // The list stands inside the value, too: what comes out of it is what moves on.
    const copy = intrinsics.structuredClone(
      { args: values, transfer, ...luggage },
      { transfer: transfer as Transferable[] },
    );
    return { url, name, ...copy };
  } catch (error) {
    throw refusedArguments(request, values, error, transfer);
  }
}
