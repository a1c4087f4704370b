import { Future, futureInternals } from '../asyncio/future.ts';
import type { CarriedValues } from '../base/carriers.ts';
import { CancelledError, LoopClosedError, StreamUseError, type TimeoutError } from '../base/errors.ts';
import { callerFrames, joinStack, markRemote } from '../base/stacks.ts';
import type { PendingCall } from '../link/call-table.ts';
import { errorOf, type CallRequest } from '../link/call-request.ts';
import type { WireThrown } from '../wire/error-codec.ts';
import { Op } from '../wire/frames.ts';
import type { CallHost } from './call-host.ts';
import { block, onLoop } from './block.ts';
import { hearsEnds, hearsSubmits, publishEnd, publishSubmit } from './channels.ts';
import { JobLimits } from './job-limits.ts';
import { placeOf, unbegun, type JobPlace } from './job-place.ts';
import { StreamIterator } from './stream-iterator.ts';

/** What streams have. */
interface StreamSide<T> {
  /** The job has turned out to be an async generator. */
  isStream: boolean;
  isHeld: boolean;
  iterator: StreamIterator<T> | undefined;
}

/**
 * The caller's side of one job in another thread: its future and, when it turns out to be a generator, its stream. Made for
 * every call, so it has few fields of its own.
 */
export class JobRun<T> extends Future<T> implements PendingCall {
  slot = 0;
  id = 0;
  readonly label: string;
  readonly name: string | undefined;
  cancelSeen = false;
  readonly #host: CallHost;
  /** It was sent, and is not over. */
  #isInFlight = false;
  #limits: JobLimits | undefined;
  #stream: StreamSide<T> | undefined;
  #awaited = false;
  /** The reason of a cancel. */
  #cancelReason: { readonly reason: unknown } | undefined;
  /** In debug mode, where it was scheduled; and what travels with it. */
  #origin: { readonly frames: string | undefined; readonly carried: CarriedValues | undefined } | undefined;

  constructor(host: CallHost, request: CallRequest, signal: AbortSignal | undefined, timeout: number | undefined) {
    super();
    this.#host = host;
    this.label = request.job.name;
    this.name = request.name;
    if (host.debug || request.carried !== undefined)
      this.#origin = { frames: host.debug ? callerFrames(JobRun) : undefined, carried: request.carried?.values };
    if (signal?.aborted === true) this.settleCancelled(CancelledError.from(signal.reason));
    else this.#submit(request, signal, timeout);
  }

  /** Take the job's items, with `for await`. Can be called once more after a `break`, which ends the stream. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    const stream = this.#streamSide();
    stream.iterator ??= new StreamIterator<T>(this, {
      isStream: () => stream.isStream,
      credit: (items) => {
        if (this.#isLive) this.#host.link.send([Op.Credit, this.slot, this.id, items]);
      },
      leave: () => this.#leave(),
      hold: (wanted) => this.#holdForStream(wanted),
    });
    return stream.iterator;
  }

  giveUp(error: TimeoutError | CancelledError): void {
    if (error instanceof CancelledError) this.settleCancelled(error);
    else this.settleFailed(error);
  }

  /** For a pool: the loop that has it. */
  get host(): CallHost {
    return this.#host;
  }

  /** For a pool: where the job stands, which it can go on to do after its future has settled. */
  get place(): JobPlace {
    return this.#isInFlight ? placeOf(this.#host.link, this) : 'over';
  }

  /** For a pool: cancel it where it has not begun. False when it has, and goes on as if nothing had been tried. */
  withdraw(): boolean {
    if (!this.#isInFlight || !this.#host.link.withdraw(this)) return false;
    this.#isInFlight = false;
    return this.settleCancelled(new CancelledError(`job ${this.label} was taken back`));
  }

  /** A cancel of it was accepted. */
  get wasAsked(): boolean {
    return this.#cancelReason !== undefined;
  }

  onResult(value: unknown): void {
    if (this.#limits?.isTooLate() !== true) this.settleDone(value as T);
    this.#callOver();
  }

  onFailed(error: WireThrown): void {
    const arrived = errorOf(error, this.label, this.#host.name);
    if (this.#origin?.frames !== undefined) joinStack(arrived, 'scheduled from', this.#origin.frames);
    if (this.#limits?.isTooLate() !== true) this.settleFailed(arrived);
    this.#callOver();
  }

  onAsked(reason: CancelledError): void {
    this.#cancelReason ??= { reason };
  }

  onCancelled(error: WireThrown): void {
    if (this.#limits?.isTooLate() !== true) this.settleCancelled(this.#cancelledBy(error));
    this.#callOver();
  }

  onGone(error: Error): void {
    // Who has closed the loop has asked for this: it is no failure that nobody has seen coming.
    if (error instanceof LoopClosedError) futureInternals.observe(this);
    if (this.#isInFlight && this.#host.link.stateOf(this) === 'cancelled') unbegun.add(this);
    this.settleFailed(markRemote(error));
    this.#callOver();
  }

  onStream(): void {
    const stream = this.#streamSide();
    stream.isStream = true;
    stream.iterator?.onStream();
    this.#refuseAwait();
  }

  get isStream(): boolean {
    return this.#stream?.isStream === true;
  }

  onItem(value: unknown): void {
    this.#stream?.iterator?.onItem(value as T);
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    const state = this.#isInFlight ? this.#host.link.stateOf(this) : 'queued';
    if (state === 'queued') return 'pending';
    return this.#cancelReason === undefined ? 'running' : 'cancelling';
  }

  protected override describe(): string[] {
    return [
      ...(this.name === undefined ? [] : [`name='${this.name}'`]),
      `job=<${this.label}()>`,
      `loop='${this.#host.name}'`,
    ];
  }

  protected override requestCancel(reason: unknown, graceMs?: number): boolean {
    if (!this.#isInFlight) return this.settleCancelled(CancelledError.from(reason));
    const outcome = this.#host.link.cancel(this, reason);
    if (outcome === 'over') return false;
    this.#cancelReason ??= { reason };
    if (outcome === 'dropped') this.settleCancelled(CancelledError.from(reason, `job ${this.label} was cancelled`));
    else if (graceMs !== undefined) {
      this.#limits ??= new JobLimits(this.#host, this, undefined, Infinity);
      this.#limits.force(reason, graceMs);
    }
    return true;
  }

  #cancelledBy(error: WireThrown): CancelledError {
    const asked = this.#cancelReason;
    const reason = asked === undefined ? errorOf(error, this.label, this.#host.name) : asked.reason;
    return CancelledError.from(reason, `job ${this.label} was cancelled`);
  }

  protected override waitSync(timeoutMs: number): void {
    block(this, onLoop(`job ${this.label}`, this.#host), timeoutMs);
  }

  protected override onHeld(): void {
    this.#host.holds.acquire();
    this.#awaited = true;
    this.#refuseAwait();
  }

  protected override onSettled(held: boolean): void {
    if (held) this.#host.holds.release();
    this.#holdForStream(false);
    this.#limits?.settled();
    if (!hearsEnds()) return;
    const message = { call: this, job: this.label, name: this.name, loop: this.#host.name };
    publishEnd(message, this.state === 'done' ? undefined : { error: futureInternals.outcomeOf(this, false) });
  }

  protected override onReleased(): void {
    this.#host.holds.release();
  }

  protected override onUnobserved(error: unknown): void {
    this.#host.report(error, 'future', this.label, this.#origin?.carried);
  }

  #submit(request: CallRequest, signal: AbortSignal | undefined, timeout: number | undefined): void {
    try {
      this.#host.mustTakeWork();
      this.#host.link.submit(this, request);
      this.#isInFlight = true;
    } catch (error) {
      unbegun.add(this);
      this.settleFailed(error);
      return;
    }
    if (hearsSubmits()) publishSubmit({ call: this, job: this.label, name: this.name, loop: this.#host.name });
    if (timeout !== undefined || signal !== undefined)
      this.#limits = new JobLimits(this.#host, this, signal, timeout ?? Infinity);
  }

  /** Nothing more will come from the other side. */
  #callOver(): void {
    this.#isInFlight = false;
    this.#limits?.callOver();
  }

  /** A stream that is awaited instead of iterated would wait for ever: nobody takes its items. One that nobody awaits may be iterated later. */
  #refuseAwait(): void {
    if (!this.isStream || !this.#awaited || this.#stream?.iterator !== undefined || this.done) return;
    this.#leave();
    this.settleFailed(
      new StreamUseError(
        'OFFLOOP_IS_A_STREAM',
        `job ${this.label} is an async generator: take its items with for await (const item of loop.run(…)) instead of awaiting it`,
      ),
    );
  }

  #holdForStream(wanted: boolean): void {
    const stream = this.#stream;
    if (stream === undefined || wanted === stream.isHeld || (wanted && this.done)) return;
    stream.isHeld = wanted;
    if (wanted) this.#host.holds.acquire();
    else this.#host.holds.release();
  }

  #streamSide(): StreamSide<T> {
    this.#stream ??= { isStream: false, isHeld: false, iterator: undefined };
    return this.#stream;
  }

  #leave(): void {
    if (!this.#isLive) return;
    if (this.#host.link.stateOf(this) === 'queued')
      this.cancel(new CancelledError('the consumer of the stream has left'));
    else this.#host.link.send([Op.Return, this.slot, this.id]);
  }

  /** In flight, and its future unsettled. */
  get #isLive(): boolean {
    return this.#isInFlight && !this.done;
  }
}
