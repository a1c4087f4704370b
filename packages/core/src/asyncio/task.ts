import { getEventListeners, setMaxListeners } from 'node:events';
import { inspect } from 'node:util';

import { CancelledError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { aFunction, aString, mustBe, readOptions } from '../base/options.ts';
import { isAbort, isInstance, isThenable } from '../base/untrusted.ts';
import { runAs, type Awaitable, type Awaiter } from './ambient.ts';
import { Future } from './future.ts';

/*
 * How a cancel travels (asyncio's rules, with an AbortSignal beside them for what is not ours):
 *
 *   not started                        → cancelled at once; the body never runs
 *   awaiting a future of ours          → that future is cancelled, so the await throws CancelledError
 *   something listens to task.signal   → the signal aborts (fetch, timers/promises, …)
 *   neither                            → remembered: the next await of a future of ours throws
 *
 * The task then ends cancelled when CancelledError (or the AbortError of the signal) leaves its body. A body that
 * catches it and returns has a result. A body that had no way to notice and returns ends cancelled all the same.
 */

/** The tasks of this thread that are not finished. */
const unfinished = new Set<Task<unknown>>();
let created = 0;
let whenEmpty: (() => void) | undefined;

// oxlint-disable-next-line typescript/unbound-method -- always called with a promise as `this`
const promiseThen = Promise.prototype.then;

export interface TaskOptions {
  /** Shown by `util.inspect`, `allTasks()` and errors. Default `'Task-1'`, `'Task-2'`, … */
  readonly name?: string;
}

/** A function that runs as a task, seen from inside its own thread. Made by `createTask`; also every job in a loop is one. */
export class Task<T> extends Future<T> implements Awaiter {
  readonly name: string;
  /** The function that runs, for `util.inspect`. */
  readonly label: string;
  #started = false;
  #cancels = 0;
  #request: CancelledError | undefined;
  /** The body could have seen the request: an await threw, a listener of the signal ran, or it asked. */
  #noticed = false;
  /** Asked to cancel while nothing could be told: the next await throws this. */
  #mustThrow: CancelledError | undefined;
  /** An await has been made to throw and the body has not awaited again: more cancels join that one. */
  #throwing = false;
  #controller: AbortController | undefined;
  #awaited: Awaitable[] = [];
  /** Those that are done are dropped when there are so many; twice as many each time, so that it costs nothing an await. */
  #compactAt = 16;

  constructor(name: string | undefined, label: string) {
    super();
    this.name = name ?? `Task-${++created}`;
    this.label = label;
    unfinished.add(this);
  }

  /** Aborts when the task is asked to cancel; hand it to `fetch` and other APIs so that they stop with the task. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new intrinsics.AbortController();
      // A task may well hand its signal to a hundred fetches.
      setMaxListeners(0, this.#controller.signal);
      if (this.#request !== undefined) this.#controller.abort(this.#request);
    }
    if (this.#request !== undefined) this.#noticed = true;
    return this.#controller.signal;
  }

  /** How often `cancel()` was called and not refused, as asyncio's `Task.cancelling()`. */
  cancelling(): number {
    return this.#cancels;
  }

  /** Throw CancelledError when the task was asked to cancel. Every call throws, as `signal.throwIfAborted()` does. */
  checkCancelled(): void {
    const request = this.cancelRequest();
    if (request === undefined) return;
    this.#noticed = true;
    this.#mustThrow = undefined;
    throw request;
  }

  /** The request to cancel, if there is one, is told in another way: no await has to throw for it any more. */
  takeCancelRequest(): CancelledError | undefined {
    this.#mustThrow = undefined;
    const request = this.cancelRequest();
    if (request !== undefined) this.#noticed = true;
    return request;
  }

  /** A future of ours is awaited inside this task. */
  awaits(future: Awaitable): void {
    // A task that reacts to its own end does not wait for it.
    if (future === this) return;
    const mustThrow = this.#mustThrow;
    this.#throwing = mustThrow !== undefined;
    if (mustThrow !== undefined) {
      this.#mustThrow = undefined;
      this.#noticed = true;
      future.cancel(mustThrow);
      return;
    }
    if (this.#awaited.length >= this.#compactAt) {
      this.#awaited = this.#awaited.filter((each) => !each.done);
      this.#compactAt = Math.max(16, this.#awaited.length * 2);
    }
    this.#awaited.push(future);
  }

  /** Run the body now. Does nothing when the task was cancelled first. */
  protected start<A extends readonly unknown[]>(body: (...args: A) => T | PromiseLike<T>, args: A): void {
    if (this.done) return;
    this.#started = true;
    try {
      const result = runAs(this, body, args);
      if (isThenable(result)) this.#follow(result);
      else this.finished(result);
    } catch (error) {
      this.threw(error);
    }
  }

  /** The body returned: its result counts, unless a cancel was accepted that it never had a chance to see. */
  protected finished(value: T): void {
    const request = this.cancelRequest();
    if (request !== undefined && !this.#noticed) this.settleCancelled(request);
    else this.settleDone(value);
  }

  /** The body threw. */
  protected threw(error: unknown): void {
    if (isInstance(error, CancelledError)) this.settleCancelled(error);
    else if (this.#request !== undefined && isAbort(error)) this.settleCancelled(this.#request);
    else this.settleFailed(error);
  }

  /** The accepted cancel, if there is one. A job in a loop also asks the word that it shares with its caller. */
  protected cancelRequest(): CancelledError | undefined {
    return this.#request;
  }

  protected override requestCancel(reason: unknown): boolean {
    const request = CancelledError.from(reason);
    this.#cancels++;
    if (!this.#started) return this.settleCancelled(request);
    this.#request ??= request;
    let told = this.#throwing;
    if (this.#controller !== undefined && !this.#controller.signal.aborted) {
      told = getEventListeners(this.#controller.signal, 'abort').length > 0 || told;
      this.#controller.abort(request);
    }
    if (!this.#throwing) {
      // Marked while they are told: tasks that wait for each other in a circle come back here.
      this.#throwing = true;
      let accepted = false;
      for (const each of this.#awaited) accepted = each.cancel(request) || accepted;
      this.#throwing = accepted;
      told ||= accepted;
    }
    if (told) this.#noticed = true;
    else this.#mustThrow = request;
    return true;
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    if (!this.#started) return 'pending';
    return this.#request === undefined ? 'running' : 'cancelling';
  }

  protected override onSettled(_held: boolean): void {
    this.#awaited = [];
    unfinished.delete(this);
    if (unfinished.size === 0) whenEmpty?.();
  }

  protected override kind(): string {
    return 'Task';
  }

  protected override describe(): string[] {
    const parts = [`name='${this.name}'`, `coro=<${this.label}()>`];
    const awaited = this.#awaited.find((each) => !each.done);
    if (awaited !== undefined) parts.push(`wait_for=${inspect(awaited)}`);
    return parts;
  }

  #follow(result: PromiseLike<T>): void {
    const onDone = (value: T): void => {
      try {
        this.finished(value);
      } catch (error) {
        // A subclass looked at the value, and the value threw.
        this.threw(error);
      }
    };
    const onError = (error: unknown): void => this.threw(error);
    // A future or coroutine that the body returned is awaited as the task, so that a cancel reaches it.
    if (result instanceof intrinsics.Promise) Reflect.apply(promiseThen, result, [onDone, onError]);
    else void runAs(this, () => result.then(onDone, onError), []);
  }
}

/** A task on the loop of the current thread. */
class LocalTask<T> extends Task<T> {
  constructor(body: (signal: AbortSignal) => T | PromiseLike<T>, name: string | undefined) {
    super(name, body.name || 'anonymous');
    intrinsics.queueMicrotask(() => this.start(() => body(this.signal), []));
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

/** The tasks of this thread that are not finished, in the order in which they were created. */
export function allTasks(): Set<Task<unknown>> {
  return new Set(unfinished);
}

/** Call `fn` each time that the last unfinished task of this thread has settled. */
export function onTasksEmpty(fn: () => void): void {
  whenEmpty = fn;
}
