import { CancelledError, TimeoutError, type CancelRung } from '../base/errors.ts';
import { markRemote } from '../base/stacks.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { Breach } from '../wire/guard.ts';
import { unwatchAbort, watchAbort } from './abort-watch.ts';
import type { CallHost } from './call-host.ts';
import { CancelLadder, noticeMs, type Climber } from './cancel-ladder.ts';
import { JobTimeout } from './job-timeout.ts';

/** The call that has limits, and its future. */
export interface Limited extends PendingCall {
  cancel(reason: unknown): boolean;
  /** Settle it without its job, if it has not settled. */
  giveUp(error: TimeoutError | CancelledError): void;
}

/*
 *   free ─┬─ its time is over: the job is asked to cancel ──► late ──── an outcome arrives ──────────────────────► given up
 *         │                                                    └──────── it has not seen it ──┐
 *         └─ force() after a cancel ──► forced ── graceMs are over ──┬─ it does not block ────┼──────────────────► given up
 *                                         └ an outcome arrives: it counts                     └─ it blocks ─► breaking ─► given up
 *
 * In `givenUp` the future has rejected, with TimeoutError or with CancelledError; whatever the job comes to is no outcome any more.
 */
const State = { free: 0, forced: 1, late: 2, breaking: 3, givenUp: 4 } as const;

/** What few calls have: a time-out, a signal, or a forced cancel. */
export class JobLimits implements Climber {
  readonly #host: CallHost;
  readonly #call: Limited;
  readonly #ms: number;
  readonly #ladder: CancelLadder;
  readonly #timeout: JobTimeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: ((reason: unknown) => void) | undefined;
  #forced: { readonly reason: unknown; readonly graceMs: number } | undefined;
  #state: (typeof State)[keyof typeof State] = State.free;
  #isZombie = false;
  #isOver = false;

  constructor(host: CallHost, call: Limited, signal: AbortSignal | undefined, ms: number) {
    this.#host = host;
    this.#call = call;
    this.#ms = ms;
    this.#ladder = new CancelLadder(host, call, this);
    if (ms !== Infinity) this.#timeout = new JobTimeout(host, call, ms, () => this.#timeOver());
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = (reason) => void call.cancel(reason);
    watchAbort(signal, this.#onAbort);
  }

  /** A cancel was accepted: end the job, if it has not ended after so many milliseconds. This takes the place of its time-out. */
  force(reason: unknown, graceMs: number): void {
    if (this.#state > State.forced) return;
    this.#state = State.forced;
    this.#timeout?.cancel();
    if (this.#forced === undefined || graceMs < this.#forced.graceMs) this.#forced = { reason, graceMs };
    this.#ladder.climb(graceMs);
  }

  breaking(): void {
    this.#state = State.breaking;
    this.#countZombie();
  }

  givenUp(breach: Breach | undefined): void {
    if (this.#state === State.givenUp) return;
    this.#state = State.givenUp;
    this.#countZombie();
    const error = this.#error(breach);
    // Not where this error was made, but where the job was stuck.
    if (breach !== undefined && breach.stack !== '') error.stack = `${error.name}: ${error.message}\n${breach.stack}`;
    // Made in a timer, its own stack tells nothing; who awaits adds theirs.
    this.#call.giveUp(markRemote(error));
  }

  /** An outcome has arrived. True: it comes too late, and counts for nothing. */
  isTooLate(): boolean {
    if (this.#state <= State.forced) return false;
    if (this.#state === State.late) this.givenUp(undefined);
    return true;
  }

  /** Nothing more comes of the call. */
  callOver(): void {
    if (this.#isZombie) this.#host.zombies--;
    this.#isOver = true;
    if (this.#state === State.breaking) return;
    this.#timeout?.cancel();
    this.#ladder.leave();
  }

  /** The future has settled. */
  settled(): void {
    if (this.#state === State.free) this.#timeout?.cancel();
    if (this.#signal !== undefined && this.#onAbort !== undefined) unwatchAbort(this.#signal, this.#onAbort);
  }

  get #job(): string {
    return `job ${this.#call.label} on loop '${this.#host.name}'`;
  }

  #timeOver(): void {
    this.#state = State.late;
    this.#countZombie();
    const request = new TimeoutError(
      `${this.#job} was not done ${this.#ms} ms after it began; it has been asked to cancel`,
    );
    this.#host.link.cancel(this.#call, request);
    // Only one that blocks its thread cannot have seen it.
    this.#ladder.climb(this.#host.link.hasThread(this.#call) === true ? noticeMs : 0);
  }

  #error(breach: Breach | undefined): TimeoutError | CancelledError {
    const rung: CancelRung = breach?.outcome === 'broken' ? 'interrupt' : 'cancel';
    const how = rung === 'interrupt' ? 'it blocked its thread and was interrupted' : 'it has been asked to cancel';
    if (this.#forced === undefined)
      return new TimeoutError(`${this.#job} was not done ${this.#ms} ms after it began; ${how}`, { rung });
    const { reason, graceMs } = this.#forced;
    const message = `${this.#job} was cancelled by force: it had not ended ${graceMs} ms after it was asked to; ${how}`;
    return new CancelledError(message, reason === undefined ? { rung } : { rung, cause: reason });
  }

  #countZombie(): void {
    if (this.#isZombie || this.#isOver) return;
    this.#host.zombies++;
    this.#isZombie = true;
  }
}
