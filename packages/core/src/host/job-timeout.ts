import type { TimerEntry } from '../base/timer-queue.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { CallHost } from './call-host.ts';

/*
 *   armed ── fires, the call has not begun ──► armed for another full time (its time counts from its begin)
 *     │      fires, it began later ──────────► armed for the rest
 *     ├───── fires, its time is over ────────► over: told
 *     └───── cancel(), or it has ended ──────► over
 */
/** The time-out of one call, counted from when it begins to run. Exact, and without polling: it never fires too late. */
export class JobTimeout {
  readonly #host: CallHost;
  readonly #call: PendingCall;
  readonly #ms: number;
  readonly #onOver: () => void;
  #entry: TimerEntry;

  constructor(host: CallHost, call: PendingCall, ms: number, onOver: () => void) {
    this.#host = host;
    this.#call = call;
    this.#ms = ms;
    this.#onOver = onOver;
    this.#entry = this.#arm(ms);
  }

  cancel(): void {
    this.#host.timeouts.remove(this.#entry);
  }

  #arm(ms: number): TimerEntry {
    return this.#host.timeouts.add(this.#host.clock.now() + ms, () => this.#fire());
  }

  #fire(): void {
    const { link, clock } = this.#host;
    const state = link.stateOf(this.#call);
    const left = state === 'queued' ? this.#ms : this.#ms - link.runningFor(this.#call, clock.now());
    if (state === 'ended' || state === 'cancelled') return;
    // The begin is noted in whole milliseconds.
    if (left > 1 || state === 'queued') this.#entry = this.#arm(Math.max(1, left));
    else this.#onOver();
  }
}
