import { futureInternals } from '../asyncio/future.ts';
import { Task } from '../asyncio/task.ts';
import type { CarriedValues } from '../base/carriers.ts';
import { CancelledError, StreamUseError } from '../base/errors.ts';
import { fromWire, toWire, type WireThrown } from '../wire/error-codec.ts';
import { CallKind, Op, type GuestFrame, type ItemOp } from '../wire/frames.ts';
import type { Lane } from '../link/lane.ts';
import type { StateWords } from '../wire/state-words.ts';
import { notCloneable } from '../wire/values.ts';
import type { CallGuard, TellFailure } from './guest-surroundings.ts';
import type { JobFunction } from './job-modules.ts';
import { isAsyncGenerator, StreamPump } from './stream-pump.ts';

/** What a job's task needs of the loop that runs it. */
export interface JobHost {
  readonly lane: Lane<GuestFrame>;
  readonly words: StateWords;
  readonly guard: CallGuard;
  /** The task has reported its outcome. */
  onSettled(task: JobTask): void;
  readonly onCallbackFailed?: TellFailure | undefined;
}

/** A call, as it arrived. */
export interface Call {
  readonly slot: number;
  readonly id: number;
  readonly job: number;
  readonly kind: CallKind;
  readonly args: readonly unknown[];
  readonly name: string | undefined;
  /** What travels with it. */
  readonly carried: CarriedValues | undefined;
}

/**
 * A job that runs in this loop: a task that shares a state word with its caller and reports its one outcome to it.
 * It is made only after its state word was moved from queued to running.
 */
export class JobTask extends Task<unknown> {
  readonly slot: number;
  readonly id: number;
  readonly carriedHere: CarriedValues | undefined;
  readonly #kind: CallKind;
  readonly #host: JobHost;
  #pump: StreamPump | undefined;
  /** The consumer has left before the job gave its generator. */
  #left = false;
  #ended = false;
  /** A cancel that the word accepted and that no frame has told us of yet. */
  #wordRequest: CancelledError | undefined;

  constructor(call: Call, label: string, host: JobHost) {
    super(call.name ?? label, label);
    this.slot = call.slot;
    this.id = call.id;
    this.carriedHere = call.carried;
    this.#kind = call.kind;
    this.#host = host;
  }

  /** Nobody waits for it. */
  get isCallback(): boolean {
    return this.#kind === CallKind.callback;
  }

  run(fn: JobFunction, args: readonly unknown[]): void {
    this.start(fn, args);
  }

  /** Its function was called outside of it, and gave this. */
  goOn(result: unknown): void {
    try {
      this.called(result);
    } catch (error) {
      this.threw(error);
    }
  }

  /** Its caller asks it to stop. */
  onCancel(reason: WireThrown | undefined): void {
    this.cancel(
      reason === undefined ? undefined : reason.kind === 'value' ? reason.value : fromWire(reason, 'the caller'),
    );
  }

  /** Its function was stopped where it was. */
  breakOff(error: CancelledError): void {
    this.threw(error);
  }

  /** The consumer of the stream has room for `items` more. */
  credit(items: number): void {
    this.#pump?.credit(items);
  }

  /** The consumer of the stream has left: run the generator's `finally` blocks and end. */
  consumerLeft(): void {
    this.#left = true;
    this.#pump?.stop();
  }

  protected override call<A extends readonly unknown[], R>(body: (...args: A) => R, args: A): R {
    const { guard } = this.#host;
    // As near to the function as can be: nothing of ours may be half done where it is stopped.
    const guarded = (...own: A): R => {
      guard.enter(this.id);
      try {
        return body(...own);
      } finally {
        guard.leave();
      }
    };
    return super.call(guarded, args);
  }

  protected override finished(value: unknown): void {
    if (this.#pump === undefined && isAsyncGenerator(value)) this.#stream(value);
    else {
      this.#end();
      super.finished(value);
    }
  }

  protected override threw(error: unknown): void {
    this.#end();
    super.threw(error);
  }

  protected override cancelRequest(): CancelledError | undefined {
    if (this.#wordRequest === undefined && this.#host.words.read(this.slot, this.id) === 'cancelling')
      this.#wordRequest = new CancelledError();
    return super.cancelRequest() ?? this.#wordRequest;
  }

  protected override requestCancel(reason: unknown): boolean {
    const accepted = super.requestCancel(reason);
    // A generator that waits at a yield for credits awaits nothing that could throw.
    this.#pump?.stop();
    return accepted;
  }

  protected override onSettled(held: boolean): void {
    this.#end();
    super.onSettled(held);
    this.#report();
    this.#host.onSettled(this);
  }

  /** After this no cancel is accepted any more; one that was is known. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#host.words.end(this.slot, this.id)) this.#wordRequest ??= new CancelledError();
  }

  #stream(generator: AsyncGenerator<unknown, unknown>): void {
    if (this.#kind === CallKind.callback) {
      void generator.return(undefined).catch(() => {});
      this.threw(
        new StreamUseError(
          'OFFLOOP_IS_A_STREAM',
          `job ${this.label} is an async generator: a callback has nobody who takes its items; use for await (… of loop.run(…))`,
        ),
      );
      return;
    }
    this.#pump = new StreamPump(this, generator, {
      item: (value) => this.#sendValue(Op.Item, value),
      ended: (value) => this.finished(value),
      failed: (error) => this.threw(error),
    });
    this.#host.lane.send([Op.Stream, this.slot, this.id]);
    if (this.#left || this.cancelRequest() !== undefined) this.#pump.stop();
  }

  #report(): void {
    const { lane } = this.#host;
    if (this.state === 'done') {
      const sent =
        this.#kind === CallKind.callback
          ? this.#sendValue(Op.Result, undefined)
          : this.#sendValue(Op.Result, this.result());
      if (sent !== undefined) lane.send([Op.Failed, this.slot, this.id, toWire(sent)]);
    } else if (this.state === 'failed') {
      if (this.isCallback) this.#host.onCallbackFailed?.(this.label, this.exception(), this.carriedHere);
      lane.send([Op.Failed, this.slot, this.id, toWire(this.exception())]);
    } else lane.send([Op.Cancelled, this.slot, this.id, toWire(futureInternals.outcomeOf(this))]);
  }

  /** Send a result or an item; gives the error back when the value cannot be sent. */
  #sendValue(op: ItemOp, value: unknown): Error | undefined {
    const { lane } = this.#host;
    try {
      lane.value(op, this.slot, this.id, value);
      return undefined;
    } catch (error) {
      return notCloneable(
        [value],
        () => (op === Op.Result ? `the result of ${this.label}` : `an item of ${this.label}`),
        error,
      );
    }
  }
}
