import { EventEmitter } from 'node:events';

import type { Future } from '../asyncio/future.ts';
import { runInExecutor, type ExecutorOf } from '../asyncio/run-in-executor.ts';
import { mustNotBeLoadingEntry } from '../base/entry.ts';
import { CancelledError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { milliseconds, mustBe, oneOf, readOptions, someMilliseconds } from '../base/options.ts';
import { handleOf } from '../link/handle-shell.ts';
import type { TaskInfo } from '../wire/frames.ts';
import type { ErrorContext } from './call-host.ts';
import type { AnyCoroutine, Coroutine, StreamCoroutine } from './coroutine.ts';
import type { Executor } from './default-executor.ts';
import { ErrorReporter } from './error-reporter.ts';
import type { Handle } from './handle.ts';
import { stackOf } from './interrupter.ts';
import type { RemoteStream } from './remote-stream.ts';
import { LoopEvents } from './loop-events.ts';
import type { LoopHandle } from './loop-handle.ts';
import { loopInternals } from './loop-internals.ts';
import { readLoopOptions, type WorkerLoopOptions } from './loop-options.ts';
import type { LoopState } from './loop-state.ts';
import { loopStats } from './loop-stats.ts';
import { LoopThread } from './loop-thread.ts';
import type { CloseOptions, LoopStats, RunOptions, WorkerLoopEvents } from './loop-types.ts';
import { listTasks } from './list-tasks.ts';
import { packedJob } from './packed-job.ts';
import { profileLoop } from './profile-loop.ts';
import type { CpuProfile } from './profile.ts';
import { callLaterOn, callSoonOn, runOn } from './schedule.ts';
import { defaultGraceMs } from './shutdown.ts';

const closeChecks = { mode: oneOf('drain', 'cancel', 'terminate'), graceMs: milliseconds };

/**
 * A second event loop, in a worker thread of its own: schedule jobs onto it from this thread and get futures back. It
 * starts at once; calls made before it is ready are kept in order. It is persistent: its timers, sockets and modules live
 * between jobs, and many async jobs run on it at a time. Jobs start in the order in which they were scheduled.
 *
 * A daemon loop does not keep the process alive, but a future of it that is awaited does. Close other loops when they are
 * no longer needed, best with `await using`. When the thread ends under its jobs (`process.exit`, out of memory), each of
 * them rejects with LoopCrashedError and the loop is closed.
 *
 * @example
 * await using loop = new WorkerLoop({ name: 'numbers' });
 * const future = loop.run(jobs.fib(20), { timeout: 1000 });
 * console.log(await future); // 6765
 */
export class WorkerLoop extends EventEmitter<WorkerLoopEvents> {
  readonly #thread: LoopThread;
  readonly #reporter: ErrorReporter;
  readonly #failFast: boolean;
  #referenced: boolean;

  static {
    loopInternals.hostOf = (loop) => loop.#thread;
    loopInternals.gaugesOf = (loop) => loop.#thread.gauges;
    loopInternals.zombiesOf = (loop) => loop.#thread.zombies;
    loopInternals.inFlightOf = (loop) => loop.#thread.link.size;
    loopInternals.utilizationOf = (loop) => loop.#thread.utilization;
    loopInternals.isLost = (loop) => loop.#thread.isLost;
    loopInternals.hearJobTimes = (loop, fn) => {
      loop.#thread.onJobTime = fn;
    };
    inspectable(this, (loop) => `<WorkerLoop '${loop.name}' ${loop.state} inFlight=${loop.#thread.link.size}>`);
  }

  constructor(options?: WorkerLoopOptions) {
    super();
    mustNotBeLoadingEntry();
    const complete = readLoopOptions(options);
    this.#reporter = new ErrorReporter(complete.onUnhandled, this);
    this.#failFast = complete.failFast;
    const events = new LoopEvents(this, (error, context) => this.#onError(error, context));
    const { setup, teardown, stalledMs } = complete;
    this.#thread = new LoopThread(complete, packedJob('setup', setup), packedJob('teardown', teardown), events);
    events.watch(this.#thread, stalledMs);
    this.#referenced = !complete.daemon;
    if (this.#referenced) this.#thread.holds.acquire();
  }

  get name(): string {
    return this.#thread.name;
  }

  /** The thread's id, as `worker_threads` has it; -1 after its end. */
  get threadId(): number {
    return this.#thread.threadId;
  }

  /** This loop as other threads see it: send it to a job, and the job calls this loop by itself. See `LoopHandle`. */
  get handle(): LoopHandle {
    return handleOf(this.#thread.contact) as LoopHandle;
  }

  get state(): LoopState {
    return this.#thread.state;
  }

  /** True from the moment that the loop takes no more work. */
  get isClosed(): boolean {
    return this.#thread.isClosed;
  }

  /** Resolves when the thread has ended as asked; rejects with what ended it otherwise. Need not be handled. */
  get closed(): Promise<void> {
    return this.#thread.ended.promise;
  }

  /**
   * Schedule a job as a callback, from any point of this thread: asyncio's `call_soon_threadsafe`. Nobody gets its result;
   * its failure is an `'error'` event. Throws InvalidArgumentError for anything but a job reference, LoopClosedError,
   * QueueFullError, NotCloneableError for an argument that cannot be sent, and CarryError (see `carry`).
   *
   * @example
   * loop.callSoonThreadsafe(jobs.fib, 20);
   */
  callSoonThreadsafe<A extends readonly unknown[]>(job: (...args: A) => AnyCoroutine, ...args: A): Handle {
    return callSoonOn(this.#thread, job, args);
  }

  /**
   * The same after `ms` milliseconds, counted from now by a clock that never jumps; equal times run in the order in which
   * they were scheduled. Closing the loop drops what has not begun.
   */
  callLaterThreadsafe<A extends readonly unknown[]>(ms: number, job: (...args: A) => AnyCoroutine, ...args: A): Handle {
    return callLaterOn(this.#thread, ms, job, args);
  }

  /**
   * Run a coroutine on the loop: a future of its result, or for an async generator job a stream of its items. Throws
   * InvalidArgumentError and InvalidStateError for a coroutine or option that cannot be used; everything else, also a
   * closed loop or an argument that cannot be sent, rejects the future.
   *
   * @example
   * const result = await loop.run(jobs.fib(20), { timeout: 1000, name: 'small' });
   * for await (const i of loop.run(jobs.countTo(3))) console.log(i);
   */
  run<T>(coroutine: StreamCoroutine<T>, options?: RunOptions): RemoteStream<T>;
  run<T>(coroutine: Coroutine<T>, options?: RunOptions): Future<T>;
  run<T>(coroutine: Coroutine<T> | StreamCoroutine<T>, options?: RunOptions): Future<T> | RemoteStream<T> {
    return runOn<T>(this.#thread, coroutine, options);
  }

  /**
   * Run a blocking job elsewhere, so that neither this thread nor the loop waits for it: on `executor`, or with null on the
   * default executor of this thread. asyncio's `run_in_executor`; inside a job see `getRunningLoop().runInExecutor`.
   *
   * @example
   * console.log(await loop.runInExecutor(null, jobs.fib(20))); // 6765
   */
  runInExecutor<T>(executor: Executor | null, coroutine: Coroutine<T>): Future<T> {
    return runInExecutor(executor as ExecutorOf<Coroutine<T>> | null, coroutine) as Future<T>;
  }

  /** What runs or waits on the loop, also while its thread is blocked. */
  tasks(): Promise<TaskInfo[]> {
    return listTasks(this.#thread);
  }

  /** Numbers about the loop, at once and also while its thread is blocked; cheap enough to be asked for once a second or more. */
  stats(): LoopStats {
    return loopStats(this.#thread, this.#reporter);
  }

  /** Where the thread is right now, as the frames of a stack: also while a job blocks it. Empty when it idles, or can't be asked. */
  async stackTrace(): Promise<string> {
    return (await stackOf(this.threadId)) ?? '';
  }

  /**
   * Where the thread spends its time in the next `ms` milliseconds: a CPU profile, as Chrome's DevTools read it from a file
   * `x.cpuprofile`. Also of a thread that a job blocks, whose optimized code is thrown away then, so that V8 knows its names.
   * Costs the thread some per cent of its speed meanwhile. Rejects with InspectionError where the thread cannot be looked into: it ends meanwhile, it blocks outside of JavaScript, or the process has
   * no inspector (`--permission`).
   *
   * @example
   * const busy = loop.run(jobs.fib(37));
   * const profile = await loop.profile(200);
   * console.log(profile.nodes.some(({ callFrame }) => callFrame.functionName === 'fib')); // true
   * await busy;
   */
  async profile(ms: number): Promise<CpuProfile> {
    mustBe('the time of profile', ms, someMilliseconds);
    return profileLoop(this.#thread, ms);
  }

  /** Keep the process alive for the loop, as if it were no daemon. */
  ref(): this {
    if (!this.#referenced) this.#thread.holds.acquire();
    this.#referenced = true;
    return this;
  }

  /** Make the loop a daemon: it does not keep the process alive, except while one of its futures is awaited. */
  unref(): this {
    if (this.#referenced) this.#thread.holds.release();
    this.#referenced = false;
    return this;
  }

  /** Take no more work; the thread ends when everything that was accepted has. Unlike `close()` it sets no deadline. */
  stop(): void {
    this.#thread.onStopRequest();
  }

  /**
   * Close the loop and wait until its thread has ended. Nothing that was accepted stays unsettled. May be called again, to
   * close faster. Rejects with CloseTimeoutError when work had to be ended by force, which names it, and with the
   * error of a teardown that failed; the loop is closed all the same.
   */
  close(options?: CloseOptions): Promise<void> {
    const { mode = 'drain', graceMs = defaultGraceMs } = readOptions('close', options, closeChecks);
    return this.#thread.close({ mode, graceMs });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onError(error: unknown, context: ErrorContext): void {
    this.#reporter.report(error, context);
    if (this.#failFast && context.origin !== 'crash')
      this.#thread.fail(
        error instanceof Error ? error : new CancelledError('failFast', { cause: error }),
        'cancel',
        true,
      );
  }
}
