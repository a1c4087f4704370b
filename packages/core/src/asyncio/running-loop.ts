import { AsyncResource } from 'node:async_hooks';
import { isMainThread, threadId } from 'node:worker_threads';

import { systemClock } from '../base/clock.ts';
import { InvalidStateError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { aFunction, milliseconds, mustBe } from '../base/options.ts';
import { throwUncaught } from '../base/stacks.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import type { Future } from './future.ts';
import { runInExecutor, type ExecutorOf } from './run-in-executor.ts';
import { createTask, type TaskOptions } from './create-task.ts';
import { allTasks, type Task } from './task.ts';

/** A callback that waits to be called on the loop of its own thread. */
export interface LocalHandle {
  /** Take the callback back. True: it will not be called. False: it was, or was taken back before. */
  cancel(): boolean;
  readonly cancelled: boolean;
}

class Callback implements LocalHandle {
  #fn: (() => void) | undefined;
  #cancelled = false;
  /** Takes back what would have called it. */
  onCancel: (() => void) | undefined;

  constructor(fn: () => void) {
    this.#fn = fn;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): boolean {
    if (this.#fn === undefined) return false;
    this.#fn = undefined;
    this.#cancelled = true;
    this.onCancel?.();
    return true;
  }

  call(): void {
    const fn = this.#fn;
    this.#fn = undefined;
    try {
      fn?.();
    } catch (error) {
      throwUncaught(error);
    }
  }
}

/** The event loop of the current thread, seen from inside; `getRunningLoop()` gives it. */
export class RunningLoop {
  /** The name that its `WorkerLoop` has, or `'main'`. */
  readonly name: string;
  readonly threadId: number = threadId;
  readonly #timers = new TimerQueue(systemClock, true);
  readonly #requestStop: (() => void) | undefined;

  constructor(name: string, requestStop: (() => void) | undefined) {
    this.name = name;
    this.#requestStop = requestStop;
  }

  /** Monotonic milliseconds, the same in every thread of the process. */
  time(): number {
    return systemClock.now();
  }

  /** Call `fn(...args)` in the next turn of this loop, as asyncio's `call_soon`: in order, and never before I/O had its turn. */
  callSoon<A extends readonly unknown[]>(fn: (...args: A) => void, ...args: A): LocalHandle {
    mustBe('the callback of callSoon', fn, aFunction);
    // setImmediate keeps the async context by itself.
    const callback = new Callback(() => fn(...args));
    intrinsics.setImmediate(() => callback.call());
    return callback;
  }

  /**
   * Call `fn(...args)` after `ms` milliseconds; equal times in the order in which they were asked for.
   *
   * @example
   * const handle = getRunningLoop().callLater(60_000, console.log, 'never printed');
   * console.log(handle.cancel()); // true
   */
  callLater<A extends readonly unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): LocalHandle {
    mustBe('the delay of callLater', ms, milliseconds);
    mustBe('the callback of callLater', fn, aFunction);
    // Callbacks share a timer, which would call them all in the context of whoever set it.
    const context = new AsyncResource('offloop.callLater');
    const callback = new Callback(() => context.runInAsyncScope(fn, undefined, ...args));
    const entry = this.#timers.add(this.time() + ms, () => callback.call());
    callback.onCancel = () => this.#timers.remove(entry);
    return callback;
  }

  /**
   * Run a blocking job elsewhere, so that this loop goes on meanwhile: on `executor`, or with null on the default executor of
   * this thread (`setDefaultExecutor`), asyncio's `run_in_executor`. As in asyncio each loop has a default executor of its
   * own: it needs no other thread to be free, also not the main one, and it ends with the loop. Cancelling a job that awaits
   * the future cancels it, too. Throws InvalidArgumentError for what is no executor or no coroutine.
   *
   * @example
   * export async function sum(n: number) {
   *   const jobs = jobModule<typeof import('./jobs.js')>(new URL('./jobs.js', import.meta.url));
   *   return (await getRunningLoop().runInExecutor(null, jobs.fib(n))) + 1; // this loop serves others meanwhile
   * }
   */
  runInExecutor<C extends PromiseLike<unknown>>(
    executor: ExecutorOf<NoInfer<C>> | null,
    coroutine: C,
  ): Future<Awaited<C>> {
    return runInExecutor(executor, coroutine);
  }

  /** See `createTask`. */
  createTask<T>(body: (signal: AbortSignal) => T | PromiseLike<T>, options?: TaskOptions): Task<T> {
    return createTask(body, options);
  }

  /** See `allTasks`. */
  allTasks(): Set<Task<unknown>> {
    return allTasks();
  }

  /** Ask the owner of this loop to stop it: it takes no more work, finishes what it has, and ends. The main loop cannot be stopped. */
  stop(): void {
    if (this.#requestStop === undefined)
      throw new InvalidStateError('the main loop ends with its process; stop() is for the loop of a worker thread');
    this.#requestStop();
  }
}

let running: RunningLoop | undefined;

/** Made by the runtime of a worker thread when it starts. */
export function setRunningLoop(loop: RunningLoop): void {
  running = loop;
}

/**
 * The event loop of the thread that calls: inside a job the one that runs it, else the main loop.
 *
 * @example
 * export function whereAmI() { return getRunningLoop().name; }
 */
export function getRunningLoop(): RunningLoop {
  running ??= new RunningLoop(isMainThread ? 'main' : `thread ${threadId}`, undefined);
  return running;
}
