import { EventEmitter } from 'node:events';

import type { SettledRecord } from '../asyncio/as-completed.ts';
import type { Future } from '../asyncio/future.ts';
import { nothingCarried, takeAlong } from '../base/carriers.ts';
import { byName } from '../base/carry.ts';
import { mustNotBeLoadingEntry } from '../base/entry.ts';
import { InvalidArgumentError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { intrinsics } from '../base/intrinsics.ts';
import {
  aBoolean,
  aFunction,
  anAbortSignal,
  anArray,
  anything,
  aPositiveInteger,
  aString,
  milliseconds,
  mustBe,
  oneOf,
  readOptions,
  type Check,
} from '../base/options.ts';
import { channels } from '../host/channels.ts';
import { carrying, takeCoroutine, type Coroutine, type StreamCoroutine } from '../host/coroutine.ts';
import { ErrorReporter } from '../host/error-reporter.ts';
import type { RemoteStream } from '../host/remote-stream.ts';
import type { CloseOptions } from '../host/loop-types.ts';
import { defaultGraceMs } from '../host/shutdown.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import { isResendable } from '../link/call-request.ts';
import { Broadcast, type BroadcastOptions } from './broadcast.ts';
import { mapJobs, type MapOptions } from './map-jobs.ts';
import { PoolCore } from './pool-core.ts';
import { poolStats } from './pool-stats.ts';
import { readPoolOptions, type CompletePoolOptions, type LoopPoolOptions } from './pool-options.ts';
import { PoolRun } from './pool-run.ts';
import type { LoopPoolEvents, PoolRunOptions, PoolState, PoolStats } from './pool-types.ts';

const aPriority: Check = (value) =>
  Number.isInteger(value) && Math.abs(value as number) <= 100 ? undefined : 'a whole number from -100 to 100';

const runChecks = {
  signal: anAbortSignal,
  timeout: milliseconds,
  deadline: milliseconds,
  name: aString,
  transfer: anArray,
  idempotent: aBoolean,
  priority: aPriority,
  affinity: anything,
};
const mapChecks = { concurrency: aPositiveInteger, signal: anAbortSignal, ordered: aBoolean };
const broadcastChecks = { signal: anAbortSignal, timeout: milliseconds, name: aString, later: aBoolean };
const closeChecks = { mode: oneOf('drain', 'cancel', 'terminate'), graceMs: milliseconds };

/**
 * Several loops behind one `run()`: a call goes to the loop that has room for it, and waits in the pool while none has, where
 * it can be cancelled and where a closing or crashing loop does not reach it. Blocking jobs run in parallel, one a loop at a time;
 * async ones share the loops' threads. Calls start in the order in which they were given to the pool.
 *
 * A loop that ends under its jobs is replaced as option `restart` says: what had begun there rejects with LoopCrashedError, or
 * runs again where it was declared `idempotent`; what had not begun runs elsewhere. A pool whose loops end too often is broken: every
 * call rejects with PoolBrokenError at once. A daemon pool does not keep the process alive, but a future of it that is awaited does.
 *
 * @example
 * await using pool = new LoopPool({ size: 2 });
 * const results = await Promise.all([10, 11, 12].map((n) => pool.run(jobs.fib(n))));
 * console.log(results); // [ 55, 89, 144 ]
 */
export class LoopPool extends EventEmitter<LoopPoolEvents> {
  readonly #core: PoolCore;
  readonly #options: CompletePoolOptions;
  readonly #reporter: ErrorReporter;
  #referenced: boolean;

  static {
    inspectable(this, (pool) => {
      const { name, state } = pool;
      const { members, dispatch, inFlight } = pool.#core.crew;
      return `<LoopPool '${name}' ${state} loops=${members.size} waiting=${dispatch.waiting} inFlight=${inFlight}>`;
    });
  }

  constructor(options?: LoopPoolOptions) {
    super();
    mustNotBeLoadingEntry();
    this.#options = readPoolOptions(options);
    const { name, onUnhandled, daemon } = this.#options;
    this.#reporter = new ErrorReporter(onUnhandled, this);
    this.#core = new PoolCore(this.#options, {
      onLoop: (loop) => this.#listen(loop),
      // In turns of their own: what a listener throws must not hurt the work that is being handled.
      onRestart: (loop, error) => {
        if (channels.poolRestart.hasSubscribers) channels.poolRestart.publish({ pool: name, loop, error });
        intrinsics.nextTick(() => this.emit('restart', { loop, error }));
      },
      onBroken: (error, told) => {
        if (channels.poolBroken.hasSubscribers) channels.poolBroken.publish({ pool: name, error });
        this.unref();
        if (!told) this.#reporter.report(error, { origin: 'crash', loop: name, job: undefined, carried: undefined });
        intrinsics.nextTick(() => this.emit('broken', error));
      },
      onUnobserved: (error, job, carried) =>
        this.#reporter.report(error, { origin: 'future', loop: name, job, carried: byName(carried) }),
    });
    // A loop looks out for stalls only while somebody listens to it.
    (this as EventEmitter).on('newListener', (event) => {
      if (event !== 'stalled' || this.listenerCount('stalled') > 0) return;
      for (const { loop } of this.#core.crew.members) this.#listenToStalls(loop);
    });
    this.#referenced = !daemon;
    if (this.#referenced) this.#core.hold(true);
  }

  get name(): string {
    return this.#core.name;
  }

  get state(): PoolState {
    return this.#core.state;
  }

  /** Most loops that it has, under load. */
  get max(): number {
    return this.#options.max;
  }

  /** True from the moment that the pool takes no more work: it closes, or is broken. */
  get isClosed(): boolean {
    return this.state !== 'running';
  }

  /**
   * Run a coroutine on one of the loops: a future of its result, or for an async generator job a stream of its items. Its
   * arguments are copied when it leaves for a loop, at once or when it has waited. Throws InvalidArgumentError and
   * InvalidStateError for a coroutine or option that cannot be used; everything else, also QueueFullError, a closed or broken
   * pool, or an argument that cannot be sent, rejects the future.
   *
   * @example
   * await using pool = new LoopPool({ size: 2 });
   * const future = pool.run(jobs.fib(20), { deadline: 5000, idempotent: true });
   * console.log(await future); // 6765
   */
  run<T>(coroutine: StreamCoroutine<T>, options?: PoolRunOptions): RemoteStream<T>;
  run<T>(coroutine: Coroutine<T>, options?: PoolRunOptions): Future<T>;
  run<T>(coroutine: Coroutine<T> | StreamCoroutine<T>, options?: PoolRunOptions): Future<T> | RemoteStream<T> {
    const read = options === undefined ? undefined : readOptions('run', options, runChecks);
    const request = takeCoroutine('pool.run', coroutine);
    if (read?.idempotent === true && !isResendable(request, read.transfer))
      throw new InvalidArgumentError(
        `options idempotent and transfer (or move) of run exclude each other: what has moved cannot be sent again; it was job ${request.job.name}`,
      );
    const run = new PoolRun<T>(this.#core, request, read);
    this.#core.submit(run as PoolRun<unknown>);
    return run;
  }

  /**
   * Run a job for each item of an iterable: an async iterable of the results, in the order of the input unless `ordered` is
   * false. It takes from the input only as fast as there is room, and waits for the pool instead of filling its queue. The first
   * error ends the iteration; leaving it, like an error, cancels what runs and closes the input.
   *
   * @example
   * await using pool = new LoopPool({ size: 2 });
   * for await (const result of pool.map(jobs.fib, [10, 11, 12])) console.log(result); // 55
   * // 89
   * // 144
   */
  map<A, T>(
    job: (item: A) => Coroutine<T>,
    input: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions,
  ): AsyncIterableIterator<T> {
    mustBe('the job of map', job, aFunction);
    const { concurrency = 2 * this.#options.max, ordered = true, signal } = readOptions('map', options, mapChecks);
    const carried = takeAlong() ?? nothingCarried;
    const target = { run: (item: unknown) => this.run(carrying(job(item as A), carried)), ready: () => this.ready() };
    return mapJobs<T>(target, input, concurrency, ordered, signal);
  }

  /**
   * Run a coroutine on every loop: to warm them up, or to make them reload. Resolves with one settled record a loop when all
   * have settled; with `later: true` loops that start later begin with it.
   *
   * @example
   * await using pool = new LoopPool({ size: 2 });
   * const records = await pool.broadcast(jobs.fib(10));
   * console.log(records.map(({ value }) => value)); // [ 55, 55 ]
   */
  broadcast<T>(coroutine: Coroutine<T>, options?: BroadcastOptions): Promise<SettledRecord<T>[]> {
    const read = readOptions('broadcast', options, broadcastChecks);
    const broadcast = new Broadcast<T>(takeCoroutine('pool.broadcast', coroutine), read);
    if (read.later === true) this.#core.broadcasts.push(broadcast);
    return broadcast.runOnAll(this.#core.crew.loops);
  }

  /** Resolves when the pool takes another call without QueueFullError; rejects when it is closed or broken. */
  ready(): Promise<void> {
    return this.#core.ready();
  }

  /** How full the queue is: 0 when nothing waits, 1 when the next call that has to wait is refused. */
  pressure(): number {
    const { maxQueue } = this.#options;
    const { waiting } = this.#core.crew.dispatch;
    return waiting === 0 ? 0 : Math.min(1, waiting / maxQueue);
  }

  /** Numbers about the pool and its loops, at once; cheap enough to be asked for once a second or more. */
  stats(): PoolStats {
    return poolStats(this.#core, this.#reporter.count);
  }

  /** Keep the process alive for the pool, as if it were no daemon. */
  ref(): this {
    if (!this.#referenced && this.state !== 'closed') this.#core.hold(true);
    this.#referenced = true;
    return this;
  }

  /** Make the pool a daemon: it does not keep the process alive, except while one of its futures is awaited. */
  unref(): this {
    if (this.#referenced) this.#core.hold(false);
    this.#referenced = false;
    return this;
  }

  /**
   * Close the pool and wait until its threads have ended. Nothing that was accepted stays unsettled: with `'drain'` what waits
   * runs, too. May be called again, to close faster. Rejects with CloseTimeoutError when work had to be ended by force.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { mode = 'drain', graceMs = defaultGraceMs } = readOptions('close', options, closeChecks);
    try {
      await this.#core.close(mode, graceMs);
    } finally {
      this.unref();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listen(loop: WorkerLoop): void {
    // The end of a loop is the supervisor's business.
    loop.on('error', (error, context) => {
      if (context.origin !== 'crash') this.#reporter.report(error, context);
    });
    loop.on('slow', (info) => this.emit('slow', { ...info, loop: loop.name }));
    loop.on('lost', () => this.emit('lost', { loop: loop.name }));
    if (this.listenerCount('stalled') > 0) this.#listenToStalls(loop);
  }

  #listenToStalls(loop: WorkerLoop): void {
    loop.on('stalled', (info) => this.emit('stalled', { ...info, loop: loop.name }));
  }
}
