import { nothingCarried, type Carried, type CarriedValues } from '../base/carriers.ts';
import { deferred, type Deferred } from '../base/deferred.ts';
import { CancelledError, LoopClosedError } from '../base/errors.ts';
import { markRemote } from '../base/stacks.ts';
import { Future, futureInternals } from '../asyncio/future.ts';
import { cancelWith } from '../asyncio/forced-cancel.ts';
import { block, type Awaited } from '../host/block.ts';
import { noticeMs } from '../host/cancel-ladder.ts';
import { unbegun, type JobPlace } from '../host/job-place.ts';
import { loopInternals } from '../host/loop-internals.ts';
import { noStream, StreamIterator } from '../host/stream-iterator.ts';
import type { WorkerLoop } from '../host/worker-loop.ts';
import { isResendable, type CallRequest, type JobName } from '../link/call-request.ts';
import type { RunCall } from './member.ts';
import { deadlineError } from './pool-errors.ts';
import { PoolStream } from './pool-stream.ts';
import type { PoolRunOptions } from './pool-types.ts';
import { RunLimits, type RunTimers } from './run-limits.ts';
import { SentRun, type Sender } from './sent-run.ts';

/** A call that was begun anew so often may be what ends its loops: it must not break the pool, nor wait for ever. */
const maxReruns = 3;

/** What a call of a pool needs of it. */
export interface PoolRunHost extends RunTimers {
  readonly name: string;
  /** Keep the process alive, or no longer. */
  hold(wanted: boolean): void;
  /** Take a call out of the line; false when a loop has it. */
  withdraw(call: RunCall): boolean;
  /** Nobody awaits this error. */
  report(error: unknown, job: string, carried: CarriedValues): void;
  /** For who blocks this thread. */
  readonly blocking: Pick<Awaited, 'hosts' | 'look'>;
}

/*
 * One future for a call, wherever it stands; it settles once.
 *
 *   waiting ── sendTo ──► sent ── its loop settles it ──────────────────────────────► settled
 *    │  ▲                  │
 *    │  └── comeBack ──────┤ its loop ended before it began, or under an idempotent job; or the pool won it back
 *    │                     └── deadline ──► settled (the job is asked to cancel)
 *    └── cancel, deadline, the pool closes or breaks ──► settled, and never runs
 */
export class PoolRun<T> extends Future<T> implements Sender {
  /** Its place in the dispatch. */
  call: RunCall | undefined;
  readonly #host: PoolRunHost;
  readonly job: JobName;
  readonly #carried: Carried | undefined;
  /** Until it has settled: who keeps the future keeps no arguments. */
  #request: CallRequest | undefined;
  readonly #options: PoolRunOptions | undefined;
  /** On its loop, as long as that has something to say. */
  #sent: SentRun<T> | undefined;
  #onAnswer: ((call: RunCall) => void) | undefined;
  /** Somebody takes its items: it cannot be run a second time. */
  #stream: PoolStream<T> | undefined;
  /** Resolves with the first loop's call, or when it settles without. */
  #toBeSent: Deferred<void> | undefined;
  #held = false;
  /** How often it was begun anew, or was about to begin when its loop ended. */
  #reruns = 0;
  #limits: RunLimits | undefined;

  constructor(host: PoolRunHost, request: CallRequest, options: PoolRunOptions | undefined) {
    super();
    this.#host = host;
    this.job = request.job;
    this.#carried = request.carried;
    this.#request = request;
    this.#options = options;
    const signal = options?.signal;
    if (signal?.aborted === true) this.settleCancelled(CancelledError.from(signal.reason));
    else if (options?.signal !== undefined || options?.deadline !== undefined)
      this.#limits = new RunLimits(
        host,
        options,
        (ms) => this.#expire(ms),
        (reason) => void this.cancel(reason),
      );
  }

  /** Take the job's items, with `for await`; see `RemoteStream`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    if (this.done && this.#sent === undefined) return new StreamIterator<T>(this, noStream);
    this.#stream ??= new PoolStream<T>(this, {
      items: () => this.#itemsWhenSent(),
      hold: (wanted) => this.#host.hold(wanted),
    });
    return this.#stream;
  }

  get priority(): number {
    return this.#options?.priority ?? 0;
  }

  get affinity(): unknown {
    return this.#options?.affinity;
  }

  /** Where its job stands, which it can go on to do after the future has settled. */
  get place(): JobPlace {
    return this.#sent?.place ?? 'over';
  }

  /** A loop has it and has said how it ended. */
  get isAnswered(): boolean {
    return this.#sent?.done === true;
  }

  /** Give it to a loop; `onAnswer` is called when the loop has settled it, maybe at once. */
  sendTo(loop: WorkerLoop, call: RunCall, onAnswer: (call: RunCall) => void): void {
    this.call = call;
    this.#onAnswer = onAnswer;
    const sent = new SentRun<T>(loopInternals.hostOf(loop), this.#request as CallRequest, this.#options, this);
    this.#sent = sent;
    this.#toBeSent?.resolve();
    this.#toBeSent = undefined;
    if (this.#held) futureInternals.hold(sent);
    else futureInternals.observe(sent);
    if (sent.done) onAnswer(call);
    // A getter in an argument has cancelled it.
    else if (this.done) sent.cancel();
  }

  onAnswer(): void {
    if (this.call !== undefined) this.#onAnswer?.(this.call);
  }

  /** Its loop has ended under it: may another run it? `isFirst`: it was the first of those that the loop had. */
  mayRunAgain(isFirst: boolean): boolean {
    const sent = this.#sent;
    if (sent === undefined || this.done || !this.#isResendable) return false;
    if (unbegun.has(sent)) {
      // The loop served, and none of its calls had begun: loading the module of the first may be what ends its threads.
      const isSuspect = isFirst && (this.error as { readonly code?: unknown }).code === 'OFFLOOP_LOOP_CRASHED';
      return !isSuspect || ++this.#reruns <= maxReruns;
    }
    if (this.#options?.idempotent !== true || this.#stream !== undefined || sent.wasAsked) return false;
    return this.#reruns < maxReruns;
  }

  /** It waits in the pool again. */
  comeBack(): void {
    if (this.#sent !== undefined && !unbegun.has(this.#sent)) this.#reruns++;
    this.#sent = undefined;
  }

  /** Win it back from its loop. False when it has begun there. */
  winBack(): boolean {
    const sent = this.#sent;
    if (sent === undefined || this.done || !this.#isResendable || this.#stream !== undefined) return false;
    // Nothing is to be heard of its end.
    this.#sent = undefined;
    if (sent.withdraw()) return true;
    this.#sent = sent;
    return false;
  }

  /** Take over how its loop has settled it. */
  takeOver(): void {
    const sent = this.#sent;
    if (sent === undefined || this.done) return;
    const outcome = futureInternals.outcomeOf(sent);
    // Who has closed the pool has asked for this.
    if (outcome instanceof LoopClosedError) futureInternals.observe(this);
    if (sent.state === 'done') this.settleDone(outcome as T);
    else if (sent.state === 'cancelled') this.settleCancelled(outcome as CancelledError);
    else this.settleFailed(outcome);
  }

  /** Its job is over: all that is left is the outcome, unless there are items to take. */
  letGo(): void {
    if (this.#stream !== undefined || this.#sent?.isStream === true) return;
    this.#sent = undefined;
    this.call = undefined;
  }

  /** The loop has settled it with this error. */
  get error(): unknown {
    return this.#sent?.state === 'failed' ? futureInternals.outcomeOf(this.#sent) : undefined;
  }

  /** The pool settles it: it is closed, broken, or full. `told`: who has closed the pool has asked for it. */
  fail(error: Error, told: boolean): void {
    if (told) futureInternals.observe(this);
    if (error instanceof CancelledError) this.settleCancelled(error);
    else this.settleFailed(error);
  }

  protected override liveState(): 'pending' | 'running' | 'cancelling' {
    const state = this.#sent?.state;
    return state === 'running' || state === 'cancelling' ? state : 'pending';
  }

  protected override describe(): string[] {
    const name = this.#options?.name;
    return [...(name === undefined ? [] : [`name='${name}'`]), `job=<${this.job.name}()>`, `pool='${this.#host.name}'`];
  }

  protected override requestCancel(reason: unknown, graceMs?: number): boolean {
    if (this.#sent !== undefined) return this.#sent.cancel(cancelWith(reason, graceMs));
    if (this.call !== undefined) this.#host.withdraw(this.call);
    return this.settleCancelled(CancelledError.from(reason, `job ${this.job.name} was cancelled`));
  }

  protected override waitSync(timeoutMs: number): void {
    const what = `job ${this.job.name} of pool '${this.#host.name}'`;
    block(this, { ...this.#host.blocking, what, host: () => this.#sent?.host }, timeoutMs);
  }

  protected override onHeld(): void {
    this.#held = true;
    this.#host.hold(true);
    // A stream that is awaited is refused there.
    if (this.#sent !== undefined && this.#stream === undefined) futureInternals.hold(this.#sent);
  }

  protected override onSettled(held: boolean): void {
    if (held) this.#host.hold(false);
    this.#request = undefined;
    this.#toBeSent?.resolve();
    this.#limits?.end();
  }

  protected override onReleased(): void {
    this.#held = false;
    this.#host.hold(false);
    if (this.#sent !== undefined && this.#stream === undefined) futureInternals.release(this.#sent);
  }

  protected override onUnobserved(error: unknown): void {
    this.#host.report(error, this.job.name, (this.#carried ?? nothingCarried).values);
  }

  get #isResendable(): boolean {
    return this.#request !== undefined && isResendable(this.#request, this.#options?.transfer);
  }

  #expire(ms: number): void {
    const begun = this.#sent !== undefined && this.#sent.place !== 'queued';
    const error = deadlineError(this.#host.name, this.job.name, ms, begun);
    const sent = this.#sent;
    if (sent === undefined && this.call !== undefined) this.#host.withdraw(this.call);
    // Made in a timer, its stack tells nothing; who awaits adds theirs.
    this.settleFailed(markRemote(error));
    // A job that blocks must not keep its thread.
    sent?.cancel(cancelWith(error, noticeMs));
  }

  async #itemsWhenSent(): Promise<AsyncIterator<T> | undefined> {
    while (this.#sent === undefined && !this.done) {
      this.#toBeSent ??= deferred<void>();
      await this.#toBeSent.promise;
    }
    return this.#sent?.[Symbol.asyncIterator]();
  }
}
