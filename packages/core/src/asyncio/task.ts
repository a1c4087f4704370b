import { getEventListeners, setMaxListeners } from 'node:events';
import { inspect } from 'node:util';

import { CancelledError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { isAbort, isInstance, isThenable } from '../base/untrusted.ts';
import { runAs, type Awaitable, type Awaiter } from './ambient.ts';
import { Awaited } from './awaited.ts';
import { Future } from './future.ts';
import { TaskCancel } from './task-cancel.ts';

/*
 * How a cancel travels (asyncio's rules, with an AbortSignal beside them for what is not ours):
 *
 *   not started                        → cancelled at once; the body never runs
 *   awaiting a future of ours          → that future is cancelled, so the await throws CancelledError
 *   something listens to task.signal   → the signal aborts (fetch, timers/promises, …)
 *   neither                            → remembered: the next await of a future of ours throws
 * (task-cancel.ts has the states of this.)
 *
 * The task then ends cancelled when CancelledError (or the AbortError of the signal) leaves its body. A body that
 * catches it and returns has a result. A body that had no way to notice and returns ends cancelled all the same.
 */

let created = 0;
let whenEmpty: (() => void) | undefined;
let newestUnfinished: () => Task<unknown> | undefined;
let olderUnfinished: (task: Task<unknown>) => Task<unknown> | undefined;

// oxlint-disable-next-line typescript/unbound-method -- always called with a promise as `this`
const promiseThen = Promise.prototype.then;

/** A function that runs as a task, seen from inside its own thread. Made by `createTask`; also every job in a loop is one. */
export class Task<T> extends Future<T> implements Awaiter {
  /** The unfinished tasks of this thread are a list in the order of their creation: cheaper a task than a Set of them. */
  static #newest: Task<unknown> | undefined;
  #older: Task<unknown> | undefined;
  #newer: Task<unknown> | undefined;

  /** Its name, or its number where it was given none. */
  #name: string | number;
  /** The function that runs, for `util.inspect`. */
  readonly label: string;
  #started = false;
  #cancel: TaskCancel | undefined;
  #controller: AbortController | undefined;
  #awaited: Awaited | undefined;

  static {
    newestUnfinished = () => Task.#newest;
    olderUnfinished = (task) => task.#older;
  }

  constructor(name: string | undefined, label: string) {
    super();
    this.#name = name ?? ++created;
    this.label = label;
    const newest = Task.#newest;
    this.#older = newest;
    if (newest !== undefined) newest.#newer = this;
    Task.#newest = this;
  }

  get name(): string {
    if (typeof this.#name === 'number') this.#name = `Task-${this.#name}`;
    return this.#name;
  }

  /** Aborts when the task is asked to cancel; hand it to `fetch` and other APIs so that they stop with the task. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new intrinsics.AbortController();
      // A task may well hand its signal to a hundred fetches.
      setMaxListeners(0, this.#controller.signal);
      if (this.#cancel?.request !== undefined) this.#controller.abort(this.#cancel.request);
    }
    if (this.#cancel?.request !== undefined) this.#cancel.noticed = true;
    return this.#controller.signal;
  }

  /** How often `cancel()` was called and not refused, as asyncio's `Task.cancelling()`. */
  cancelling(): number {
    return this.#cancel?.count ?? 0;
  }

  /** Throw CancelledError when the task was asked to cancel. Every call throws, as `signal.throwIfAborted()` does. */
  checkCancelled(): void {
    const request = this.takeCancelRequest();
    if (request !== undefined) throw request;
  }

  /** The request to cancel, if there is one, is told in another way: no await has to throw for it any more. */
  takeCancelRequest(): CancelledError | undefined {
    const request = this.cancelRequest();
    if (request !== undefined) (this.#cancel ??= new TaskCancel()).onAsked();
    return request;
  }

  /** A future of ours is awaited inside this task. */
  awaits(future: Awaitable): void {
    // A task that reacts to its own end does not wait for it.
    if (future === this) return;
    const owed = this.#cancel?.onAwait();
    if (owed === undefined) (this.#awaited ??= new Awaited()).add(future);
    else future.cancel(owed);
  }

  /** Run the body now. Does nothing when the task was cancelled first. */
  protected start<A extends readonly unknown[]>(body: (...args: A) => T | PromiseLike<T>, args: A): void {
    if (this.done) return;
    this.#started = true;
    try {
      this.called(this.call(body, args));
    } catch (error) {
      this.threw(error);
    }
  }

  /** The body was called, and gave this; also where it was called before there was a task. */
  protected called(result: T | PromiseLike<T>): void {
    this.#started = true;
    if (isThenable(result)) this.#follow(result);
    else this.finished(result);
  }

  /** Call the body as this task. */
  protected call<A extends readonly unknown[], R>(body: (...args: A) => R, args: A): R {
    return runAs(this, body, args);
  }

  /** The body returned: its result counts, unless a cancel was accepted that it never had a chance to see. */
  protected finished(value: T): void {
    const request = this.cancelRequest();
    if (request !== undefined && this.#cancel?.noticed !== true) this.settleCancelled(request);
    else this.settleDone(value);
  }

  /** The body threw. */
  protected threw(error: unknown): void {
    if (isInstance(error, CancelledError)) this.settleCancelled(error);
    else if (this.#cancel?.request !== undefined && isAbort(error)) this.settleCancelled(this.#cancel.request);
    else this.settleFailed(error);
  }

  /** The accepted cancel, if there is one. A job in a loop also asks the word that it shares with its caller. */
  protected cancelRequest(): CancelledError | undefined {
    return this.#cancel?.request;
  }

  protected override requestCancel(reason: unknown): boolean {
    const request = CancelledError.from(reason);
    const cancel = (this.#cancel ??= new TaskCancel());
    cancel.count++;
    if (!this.#started) return this.settleCancelled(request);
    cancel.tell(
      request,
      () => this.#abort(request),
      () => this.#awaited?.cancel(request) ?? false,
    );
    return true;
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    if (!this.#started) return 'pending';
    return this.#cancel?.request === undefined ? 'running' : 'cancelling';
  }

  protected override onSettled(_held: boolean): void {
    this.#awaited = undefined;
    const older = this.#older;
    const newer = this.#newer;
    if (older !== undefined) older.#newer = newer;
    if (newer !== undefined) newer.#older = older;
    else Task.#newest = older;
    // A finished task that somebody keeps must keep no other.
    this.#older = undefined;
    this.#newer = undefined;
    if (Task.#newest === undefined) whenEmpty?.();
  }

  protected override kind(): string {
    return 'Task';
  }

  protected override describe(): string[] {
    const parts = [`name='${this.name}'`, `coro=<${this.label}()>`];
    const awaited = this.#awaited?.unfinished;
    if (awaited !== undefined) parts.push(`wait_for=${inspect(awaited)}`);
    return parts;
  }

  /** Abort the signal; returns whether anybody listens to it. */
  #abort(request: CancelledError): boolean {
    const controller = this.#controller;
    if (controller === undefined || controller.signal.aborted) return false;
    const listened = getEventListeners(controller.signal, 'abort').length > 0;
    controller.abort(request);
    return listened;
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

/** The tasks of this thread that are not finished, in the order in which they were created. */
export function allTasks(): Set<Task<unknown>> {
  const tasks: Task<unknown>[] = [];
  for (let task = newestUnfinished(); task !== undefined; task = olderUnfinished(task)) tasks.push(task);
  return new Set(tasks.toReversed());
}

/** Call `fn` each time that the last unfinished task of this thread has settled. */
export function onTasksEmpty(fn: () => void): void {
  whenEmpty = fn;
}
