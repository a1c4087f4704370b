import { takesNothing } from '../base/functions.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { aFunction, aString, mustBe, readOptions } from '../base/options.ts';
import { Task } from './task.ts';

export interface TaskOptions {
  /** Shown by `util.inspect`, `allTasks()` and errors. Default `'Task-1'`, `'Task-2'`, … */
  readonly name?: string;
}

/** A task on the loop of the current thread. */
class LocalTask<T> extends Task<T> {
  constructor(body: (signal: AbortSignal) => T | PromiseLike<T>, name: string | undefined) {
    super(name, body.name || 'anonymous');
    intrinsics.soon(() => {
      if (this.done) return;
      if (takesNothing(body)) this.start(body as () => T | PromiseLike<T>, []);
      else this.start(body, [this.signal]);
    });
  }
}

/**
 * Run `body` as a task of this thread's loop, as asyncio's `create_task`: it starts soon, not at once, so that a cancel
 * right after never runs it. `body` gets the task's signal. A failure that nobody looks at is an unhandled rejection.
 *
 * @example
 * const task = createTask(async () => { await sleep(10); return 'slept'; }, { name: 'napper' });
 * console.log(await task); // slept
 */
export function createTask<T>(body: (signal: AbortSignal) => T | PromiseLike<T>, options?: TaskOptions): Task<T> {
  mustBe(
    'the body of createTask (a function that starts the work, not a promise of work already started)',
    body,
    aFunction,
  );
  const { name } = readOptions('createTask', options, { name: aString });
  return new LocalTask(body, name);
}
