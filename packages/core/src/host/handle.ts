import type { Carried } from '../base/carriers.ts';
import { CancelledError } from '../base/errors.ts';
import { inspectable } from '../base/inspectable.ts';
import { errorOf, type CallRequest } from '../link/call-request.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { WireThrown } from '../wire/error-codec.ts';
import type { CallHost } from './call-host.ts';
import { hearsEnds, hearsSubmits, publishEnd, publishSubmit } from './channels.ts';

/** A callback that was scheduled on a loop, seen from the thread that scheduled it. It can be cancelled and has no result. */
export interface Handle {
  /**
   * True: the callback will never run, or if it is running now it has been asked to stop. False: it is over.
   *
   * @example
   * const handle = loop.callLaterThreadsafe(60_000, jobs.fib, 20);
   * console.log(handle.cancel(), handle.cancelled); // true true
   */
  cancel(reason?: unknown): boolean;
  /** It was cancelled before it began, or ended by a cancel. */
  readonly cancelled: boolean;
  /** It has run to its end, failed, or was cancelled. */
  readonly done: boolean;
}

/** What `callSoonThreadsafe` returns: owns its call, and reports a failure since nobody can await it. */
export class CallbackHandle implements Handle, PendingCall {
  slot = 0;
  id = 0;
  readonly label: string;
  readonly name = undefined;
  cancelSeen = false;
  readonly #host: CallHost;
  readonly #carried: Carried | undefined;
  #state: 'scheduled' | 'done' | 'cancelled' = 'scheduled';

  static {
    inspectable(this, (handle) => `<Handle ${handle.label}() ${handle.#state}>`);
  }

  /** Submits the call; throws what `CallerLink.submit` throws. */
  constructor(host: CallHost, request: CallRequest) {
    this.#host = host;
    this.#carried = request.carried;
    this.label = request.job.name;
    host.link.submit(this, request);
    if (hearsSubmits()) publishSubmit({ call: this, job: this.label, name: undefined, loop: host.name });
  }

  get cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  get done(): boolean {
    return this.#state !== 'scheduled';
  }

  cancel(reason?: unknown): boolean {
    if (this.done) return false;
    const outcome = this.#host.link.cancel(this, reason ?? new CancelledError());
    if (outcome === 'dropped') this.#over('cancelled', { error: CancelledError.from(reason) });
    return outcome !== 'over';
  }

  onResult(): void {
    this.#over('done', undefined);
  }

  onFailed(wire: WireThrown): void {
    const { label } = this;
    const error = errorOf(wire, label, this.#host.name);
    this.#over('done', { error });
    this.#host.report(error, 'callback', label, this.#carried?.values);
  }

  onAsked(): void {}

  onCancelled(wire: WireThrown): void {
    this.#over('cancelled', { error: errorOf(wire, this.label, this.#host.name) });
  }

  /** The loop itself tells of its end; its callbacks need not repeat it. */
  onGone(error: Error): void {
    this.#over('done', { error });
  }

  onStream(): void {}

  onItem(): void {}

  #over(state: 'done' | 'cancelled', failure: { readonly error: unknown } | undefined): void {
    this.#state = state;
    if (!hearsEnds()) return;
    publishEnd({ call: this, job: this.label, name: undefined, loop: this.#host.name }, failure);
  }
}
