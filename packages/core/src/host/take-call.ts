import type { Transferable } from 'node:worker_threads';

import { intrinsics } from '../base/intrinsics.ts';
import { packArguments, refusedArguments } from '../link/call-request.ts';
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
}

/**
 * Take what a coroutine describes, in order to run it: for those who write an executor of their own. A coroutine can be
 * taken once. Throws InvalidArgumentError for what is no coroutine, InvalidStateError for one that was scheduled before, and
 * NotCloneableError for an argument that cannot be sent.
 */
export function takeCall(coroutine: Coroutine<unknown>): CoroutineCall {
  const request = takeCoroutine('takeCall', coroutine);
  const { url, name } = request.job;
  const { values, alone, transfer } = packArguments(request);
  if (!alone) return { url, name, args: values, transfer };
  try {
    // The list stands inside the value, too: what comes out of it is what moves on.
    const copy = intrinsics.structuredClone({ args: values, transfer }, { transfer: transfer as Transferable[] });
    return { url, name, ...copy };
  } catch (error) {
    throw refusedArguments(request.job, values, error, transfer);
  }
}
