import { AsyncResource } from 'node:async_hooks';

import { sleep } from '../asyncio/sleep.ts';
import { Task } from '../asyncio/task.ts';
import { InvalidArgumentError, QueueFullError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { shown } from '../base/options.ts';
import { isInstance } from '../base/untrusted.ts';
import { Coroutine } from '../host/coroutine.ts';
import { getDefaultExecutor, type Executor } from '../host/default-executor.ts';
import { jobOfReference } from '../host/job-reference.ts';
import { WorkerLoop } from '../host/worker-loop.ts';
import { LoopPool } from '../pool/loop-pool.ts';
import { JobCall, type JobCallHost, type JobDelivery } from './job-call.ts';
import type { ConsumeDelivery, Delivery } from './source.ts';

/** What is done with each message: see `consume`. */
export type ConsumeJob<T, D extends Delivery<T> = Delivery<T>> = (data: T, delivery: ConsumeDelivery<T, D>) => unknown;

/** Where the jobs of a consumer run. */
export interface JobPlace<T> {
  /** Begin the job for a delivery. Never throws: what goes wrong fails the call. */
  start(delivery: Delivery<T>): JobCall<T>;
  /** Somebody stops it from outside of the consumer: what is cancelled there is not the job's fault. */
  readonly isStopping: boolean;
  /** The error means that nothing will run there any more; undefined when it does not. */
  goneBy(error: unknown): 'after the job began' | 'before' | undefined;
  close(): void;
}

/** What has taken the job refuses for now. */
const fullMs = 100;

const goneCodes = new Set(['OFFLOOP_LOOP_CLOSED', 'OFFLOOP_POOL_BROKEN', 'OFFLOOP_LOOP_START']);
/** Of a job that is the same for each message: no other message will mend the program. */
const mistakeCodes = new Set(['OFFLOOP_UNKNOWN_JOB', 'OFFLOOP_MODULE_LOAD']);

/** A mistake in the program, which no other message will mend. */
export class NoCoroutineError extends InvalidArgumentError {}

/** The jobs run on a loop, a pool, or another executor: each call gives a coroutine, which is run there. */
export class ExecutorPlace<T> implements JobPlace<T> {
  readonly isStopping = false;
  readonly #on: Executor | undefined;
  readonly #job: ConsumeJob<T>;
  readonly #isReference: boolean;
  readonly #timeout: number;
  readonly #host: JobCallHost;

  constructor(on: Executor | undefined, job: ConsumeJob<T>, timeout: number, host: JobCallHost) {
    this.#on = on;
    this.#job = job;
    this.#isReference = jobOfReference(job) !== undefined;
    this.#timeout = timeout;
    this.#host = host;
  }

  start(delivery: Delivery<T>): JobCall<T> {
    const call = new JobCall<T>(delivery, this.#host);
    if (!limitsTime(this.#executor)) call.limit(this.#timeout);
    this.#begin(call);
    return call;
  }

  goneBy(error: unknown): 'after the job began' | 'before' | undefined {
    const { code } = error as { readonly code?: string };
    if (this.#isReference && code !== undefined && mistakeCodes.has(code)) return 'before';
    if (this.#on?.isClosed !== true) return undefined;
    if (code === 'OFFLOOP_LOOP_CRASHED') return 'after the job began';
    return code !== undefined && goneCodes.has(code) ? 'before' : undefined;
  }

  close(): void {}

  get #executor(): Executor {
    return this.#on ?? getDefaultExecutor();
  }

  #begin(call: JobCall<T>): void {
    try {
      const executor = this.#executor;
      call.follow(runOn(executor, this.#coroutine(call.delivery), this.#timeout), (error) => {
        if (!isInstance(error, QueueFullError)) return false;
        void this.#beginLater(call, executor);
        return true;
      });
    } catch (error) {
      call.fail(error);
    }
  }

  async #beginLater(call: JobCall<T>, executor: Executor): Promise<void> {
    try {
      await sleep(fullMs);
      if (executor instanceof LoopPool) await executor.ready();
    } catch {
      // It is closed or broken: running the job tells so.
    }
    if (!call.done) this.#begin(call);
  }

  #coroutine(delivery: JobDelivery<T>): Coroutine<unknown> {
    const job = this.#job as (data: T, delivery?: ConsumeDelivery<T>) => unknown;
    // What tells of the delivery cannot travel to another thread.
    const coroutine = this.#isReference ? job(delivery.data) : job(delivery.data, delivery);
    if (coroutine instanceof Coroutine) return coroutine;
    throw new NoCoroutineError(
      `the job of consume must be a job reference, or give a coroutine, as (data) => jobs.send(data) does; it gave ${shown(coroutine)}. A function that runs in this thread wants no option on`,
    );
  }
}

/** The job of a message, in this thread. */
class MessageTask extends Task<unknown> {
  readonly #delivery: JobDelivery<unknown>;

  constructor(delivery: JobDelivery<unknown>) {
    super('', 'run');
    this.#delivery = delivery;
  }

  override get name(): string {
    return `${this.#delivery.name} ${this.#delivery.id}`;
  }

  run(body: () => unknown): void {
    this.start(body, []);
  }
}

/** Runs until it is cancelled. */
class ConsumerTask extends Task<never> {
  constructor(name: string) {
    super(name, 'consumer');
  }

  protected override liveState(): 'running' {
    return 'running';
  }
}

/**
 * The jobs run as tasks of this thread's loop, in the context of who called `consume`. `n` consumers, tasks too, stand for what may run
 * at a time: no message comes while each of them has one.
 */
export class TaskPlace<T> implements JobPlace<T> {
  readonly #job: ConsumeJob<T>;
  readonly #timeout: number;
  readonly #host: JobCallHost;
  readonly #context = new AsyncResource('offloop.consume');
  readonly #consumers: readonly ConsumerTask[];

  constructor(n: number, name: string, job: ConsumeJob<T>, timeout: number, host: JobCallHost, onStopped: () => void) {
    this.#job = job;
    this.#timeout = timeout;
    this.#host = host;
    this.#consumers = Array.from({ length: n }, (_, index) => {
      const task = new ConsumerTask(`${name}-${index + 1}`);
      task.addDoneCallback(onStopped);
      return task;
    });
  }

  get isStopping(): boolean {
    return this.#consumers.some((task) => task.cancelling() > 0);
  }

  start(delivery: Delivery<T>): JobCall<T> {
    const call = new JobCall<T>(delivery, this.#host);
    // Not at once: whoever puts a message in must not find that it was worked on meanwhile.
    // And each in a callback of its own: what a job enters by enterWith() must not be seen by the next.
    this.#context.runInAsyncScope(intrinsics.soon, undefined, () => this.#begin(call));
    return call;
  }

  goneBy(): undefined {}

  close(): void {
    for (const task of this.#consumers) task.cancel();
  }

  #begin(call: JobCall<T>): void {
    if (call.done) return;
    call.limit(this.#timeout);
    const task = new MessageTask(call.delivery);
    // First: what the job does before its first await may cancel the call.
    call.follow(task);
    task.run(() => this.#run(call));
  }

  #run(call: JobCall<T>): unknown {
    const result = this.#job(call.delivery.data, call.delivery);
    if (!(result instanceof Coroutine)) return result;
    const executor = getDefaultExecutor();
    // It can break into a job that blocks.
    if (limitsTime(executor)) call.unlimit();
    return runOn(executor, result, this.#timeout);
  }
}

function limitsTime(executor: Executor): boolean {
  return executor instanceof WorkerLoop || executor instanceof LoopPool;
}

function runOn(executor: Executor, coroutine: Coroutine<unknown>, timeout: number): PromiseLike<unknown> {
  if (timeout === Infinity) return executor.run(coroutine);
  if (executor instanceof WorkerLoop) return executor.run(coroutine, { timeout });
  return executor instanceof LoopPool ? executor.run(coroutine, { timeout }) : executor.run(coroutine);
}
