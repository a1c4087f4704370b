import { TimeoutError } from '../base/errors.ts';
import { markRemote } from '../base/stacks.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { Breach } from '../wire/guard.ts';
import { unwatchAbort, watchAbort } from './abort-watch.ts';
import type { CallHost } from './call-host.ts';
import { JobTimeout, type Expiry } from './job-timeout.ts';

/** The future whose job has limits. */
export interface Limited {
  cancel(reason: unknown): boolean;
  /** Reject, if it has not settled. */
  timedOut(error: TimeoutError): void;
}

/*
 *   running ── its time is over: the job is asked to cancel ──► asked ── an outcome arrives ─────────► expired
 *                                                                 │ it blocks its thread
 *                                                                 ▼
 *                                                             breaking ── it is broken off, or not ──► expired
 *
 * In `expired` the future has rejected with TimeoutError; whatever the job comes to is no outcome any more.
 */
const State = { running: 0, asked: 1, breaking: 2, expired: 3 } as const;

/** What few calls have: a time-out, or a signal. */
export class JobLimits implements Expiry {
  readonly #host: CallHost;
  readonly #call: PendingCall;
  readonly #future: Limited;
  readonly #ms: number;
  readonly #timeout: JobTimeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: ((reason: unknown) => void) | undefined;
  #state: (typeof State)[keyof typeof State] = State.running;

  constructor(host: CallHost, call: PendingCall, future: Limited, signal: AbortSignal | undefined, ms: number) {
    this.#host = host;
    this.#call = call;
    this.#future = future;
    this.#ms = ms;
    if (ms !== Infinity) this.#timeout = new JobTimeout(host, call, ms, this);
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = (reason) => void future.cancel(reason);
    watchAbort(signal, this.#onAbort);
  }

  get #what(): string {
    return `job ${this.#call.label} on loop '${this.#host.name}' was not done ${this.#ms} ms after it began`;
  }

  ask(): void {
    this.#state = State.asked;
    this.#host.zombies++;
    this.#host.link.cancel(this.#call, new TimeoutError(`${this.#what}; it has been asked to cancel`));
  }

  breaking(): void {
    this.#state = State.breaking;
  }

  expired(breach: Breach | undefined): void {
    if (this.#state === State.expired) return;
    this.#state = State.expired;
    if (breach?.isBroken !== true) {
      // Made in a timer, its stack tells nothing; who awaits adds theirs.
      this.#future.timedOut(
        markRemote(new TimeoutError(`${this.#what}; it has been asked to cancel`, { rung: 'cancel' })),
      );
      return;
    }
    const error = new TimeoutError(`${this.#what}; it blocked its thread and was interrupted`, { rung: 'interrupt' });
    // Not where this error was made, but where the job was stuck.
    error.stack = `TimeoutError: ${error.message}\n${breach.stack}`;
    this.#future.timedOut(markRemote(error));
  }

  /** An outcome has arrived. True: it comes too late, and counts for nothing. */
  isTooLate(): boolean {
    if (this.#state === State.running) return false;
    if (this.#state === State.asked) this.expired(undefined);
    return true;
  }

  /** Nothing more comes of the call. */
  callOver(): void {
    if (this.#state !== State.running) this.#host.zombies--;
    if (this.#state !== State.breaking) this.#timeout?.cancel();
  }

  /** The future has settled. */
  settled(): void {
    if (this.#state === State.running) this.#timeout?.cancel();
    if (this.#signal !== undefined && this.#onAbort !== undefined) unwatchAbort(this.#signal, this.#onAbort);
  }
}
