import { threadId } from 'node:worker_threads';

import { futureInternals } from '../asyncio/future.ts';
import { Task } from '../asyncio/task.ts';
import type { CarriedValues } from '../base/carriers.ts';
import { systemClock } from '../base/clock.ts';
import { CancelledError, StreamUseError } from '../base/errors.ts';
import { intrinsics } from '../base/intrinsics.ts';
import { toWire, type WireThrown } from '../wire/error-codec.ts';
import { PeerState, stateAt, step, threadAt, type PeerCall, type PeerOutcome } from '../wire/peer-call.ts';
import { isSimple } from '../wire/plain.ts';
import { notCloneable, pack } from '../wire/values.ts';
import { JobModules, type Job, type JobFunction } from './job-modules.ts';
import { isAsyncGenerator } from './stream-pump.ts';

const loadTimeoutMs = 10_000;

const modules = new JobModules(systemClock, loadTimeoutMs);
const jobs = new Map<string, Job>();

/**
 * Run a job in a thread of another library's pool: what that pool is told to run. It never rejects, since what other pools
 * make of an error, or of a result that cannot be sent, is less than what is made of it here.
 */
export async function runJob({ url, name, args, carried, words }: PeerCall): Promise<PeerOutcome<WireThrown>> {
  Atomics.store(words, threadAt, threadId);
  const key = `${url}#${name}`;
  let job = jobs.get(key);
  if (job === undefined) {
    job = modules.find(url, name);
    jobs.set(key, job);
  }
  if (job.fn === undefined && job.error === undefined) await job.loaded;
  if (!step(words, PeerState.queued, PeerState.running))
    return { state: 'cancelled', error: toWire(new CancelledError()) };
  const { fn, error } = job;
  return new PeerTask(name, words, carried).run(fn ?? failWith(error), args);
}

/** A job in such a thread: a task that shares its word with its caller. */
class PeerTask extends Task<unknown> {
  readonly carriedHere: CarriedValues | undefined;
  readonly #words: Int32Array<SharedArrayBuffer>;
  #wordRequest: CancelledError | undefined;
  #ended = false;

  constructor(name: string, words: Int32Array<SharedArrayBuffer>, carried: CarriedValues | undefined) {
    super(name, name);
    this.carriedHere = carried;
    this.#words = words;
  }

  run(fn: JobFunction, args: readonly unknown[]): Promise<PeerOutcome<WireThrown>> {
    this.start(fn, args);
    if (!this.done) this.#listen();
    futureInternals.observe(this);
    return new intrinsics.Promise((resolve) => futureInternals.subscribe(this, () => resolve(this.#outcome())));
  }

  protected override finished(value: unknown): void {
    if (!isAsyncGenerator(value)) {
      this.#end();
      super.finished(value);
    } else {
      void value.return(undefined).catch(() => {});
      this.threw(
        new StreamUseError(
          'OFFLOOP_IS_A_STREAM',
          `job ${this.label} is an async generator: a pool of another library has no streams; run it on a WorkerLoop`,
        ),
      );
    }
  }

  protected override threw(error: unknown): void {
    this.#end();
    super.threw(error);
  }

  protected override cancelRequest(): CancelledError | undefined {
    if (this.#wordRequest === undefined && Atomics.load(this.#words, stateAt) === PeerState.cancelling)
      this.#wordRequest = new CancelledError();
    return super.cancelRequest() ?? this.#wordRequest;
  }

  protected override onSettled(held: boolean): void {
    this.#end();
    super.onSettled(held);
  }

  /** After this no cancel is accepted any more; one that was is known. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (Atomics.exchange(this.#words, stateAt, PeerState.ended) === PeerState.cancelling)
      this.#wordRequest ??= new CancelledError();
    // Ends the waiting of `#listen`.
    Atomics.notify(this.#words, stateAt);
  }

  /** The thread has no port of ours: hear by the word itself that the job is to be cancelled. */
  #listen(): void {
    const waiting = waitAsync(this.#words, stateAt, PeerState.running);
    const heard = (): void => {
      if (Atomics.load(this.#words, stateAt) === PeerState.cancelling) this.cancel();
    };
    if (waiting.async) void waiting.value.then(heard);
    else heard();
  }

  #outcome(): PeerOutcome<WireThrown> {
    if (this.state !== 'done')
      return { state: this.cancelled ? 'cancelled' : 'failed', error: toWire(futureInternals.outcomeOf(this)) };
    try {
      const [value] = pack([this.result()]).values;
      // What the pool cannot send costs it the thread: find out before.
      return { state: 'done', value: isSimple(value) ? value : intrinsics.structuredClone(value) };
    } catch (error) {
      const culprit = notCloneable([this.result()], () => `the result of ${this.label}`, error);
      return { state: 'failed', error: toWire(culprit) };
    }
  }
}

/** Of ES2024; the type libraries used here end before. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(
    this: void,
    words: Int32Array,
    index: number,
    value: number,
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<string> };
};

function failWith(error: unknown): JobFunction {
  return () => {
    throw error;
  };
}
