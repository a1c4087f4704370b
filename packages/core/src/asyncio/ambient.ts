import { AsyncLocalStorage } from 'node:async_hooks';

import { carriersHere, nothingCarried, type CarriedValues } from '../base/carriers.ts';

// Which task is running. A live AsyncLocalStorage slows every promise of a thread on Node 20 and 22, so a worker has one
// only when a job module imports `offloop` (see current-task.ts): who cannot ask for the task need not be tracked.

/** What can be cancelled by the task that awaits it. */
export interface Awaitable {
  readonly done: boolean;
  cancel(reason?: unknown): boolean;
}

/** The part of a task that a future must know: whoever awaits is told, so that its cancel can travel on. */
export interface Awaiter {
  awaits(future: Awaitable): void;
  /** What has travelled with its call: all that it runs, runs inside of that. */
  readonly carriedHere?: CarriedValues | undefined;
}

let storage: AsyncLocalStorage<Awaiter> | undefined;
/** The task whose synchronous segment runs right now, where no storage follows it. */
let synchronous: Awaiter | undefined;

/** Follow tasks across awaits from now on, in this thread. */
export function followTasks(): void {
  storage ??= new AsyncLocalStorage<Awaiter>();
}

/** Are tasks followed across awaits in this thread? */
export function isFollowing(): boolean {
  return storage !== undefined;
}

/**
 * Call `fn` as `task`: inside it, and in what it awaits where tasks are followed, `currentAwaiter()` is `task`, and what its
 * call has carried is in place. Where there are carriers, nothing of the contexts that `fn` enters stays behind.
 */
export function runAs<A extends readonly unknown[], R>(task: Awaiter, fn: (...args: A) => R, args: A): R {
  const carriers = carriersHere();
  if (carriers === undefined) return runHere(task, fn, args);
  return carriers.around(task.carriedHere ?? nothingCarried.values, () => runHere(task, fn, args));
}

function runHere<A extends readonly unknown[], R>(task: Awaiter, fn: (...args: A) => R, args: A): R {
  if (storage !== undefined) return storage.run(task, fn, ...args);
  const outer = synchronous;
  synchronous = task;
  try {
    return fn(...args);
  } finally {
    synchronous = outer;
  }
}

/** What ran here was stopped and has not returned: no task runs any more. */
export function forgetRunning(): void {
  synchronous = undefined;
  storage?.enterWith(undefined as unknown as Awaiter);
}

/** Call `fn` outside of any task. Errors leave this frame, and what is below it, out of their stacks: see error-codec.ts. */
export function runAlone<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A): R {
  return fn(...args);
}

export function currentAwaiter(): Awaiter | undefined {
  return storage === undefined ? synchronous : storage.getStore();
}
