import { InvalidStateError } from '../base/errors.ts';
import { currentAwaiter, followTasks } from './ambient.ts';
import type { Task } from './task.ts';

// Loading this module is what turns the following of tasks on in a thread; see ambient.ts for why it is off before.
followTasks();

/**
 * The task that runs here, across its awaits. Throws InvalidStateError outside of any task.
 *
 * @example
 * export async function download(url: string) {
 *   return (await fetch(url, { signal: currentTask().signal })).text();   // stops with the task
 * }
 */
export function currentTask(): Task<unknown> {
  const task = currentAwaiter();
  if (task === undefined)
    throw new InvalidStateError(
      'no task is running here: currentTask() works inside a job or createTask(), in a job module that imports offloop at its top',
    );
  return task as Task<unknown>;
}

/**
 * Throw CancelledError when the running task was asked to cancel. A blocking job that calls this now and then can be
 * stopped while it blocks its thread: the request is read from shared memory. Outside of a task it does nothing.
 */
export function checkCancelled(): void {
  (currentAwaiter() as Task<unknown> | undefined)?.checkCancelled();
}
