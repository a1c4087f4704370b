import type { TimerEntry } from '../base/timer-queue.ts';
import type { PendingCall } from '../link/call-table.ts';
import type { Breach } from '../wire/guard.ts';
import type { CallHost } from './call-host.ts';

/** What is done when the time of a call is over. */
export interface Expiry {
  /** Ask the job to cancel. */
  ask(): void;
  /** It blocks its thread, and is going to be broken off: no outcome of it counts before that is known. */
  breaking(): void;
  /** Reject its future, once; `breach` tells whether it was broken off, and where it was. */
  expired(breach: Breach | undefined): void;
}

/** A job that blocks its thread has a moment to see the cancel with checkCancelled(). */
const noticeMs = 20;

/** How long a thread has to answer the cancel that follows a time-out. Only one that is blocked does not. */
const answerMs = 1000;
/** So many answers may fail to come while the thread does not tell who blocks it: a job does, after one of its awaits. */
const maxSilence = 3;

/*
 *   armed ── fires, the call has not begun ──► armed for another full time (its time counts from its begin)
 *     │      fires, it began later ──────────► armed for the rest
 *     └───── fires, its time is over ────────► the job is asked to cancel
 *              it blocks the thread, and goes on doing so ─► it is interrupted ──► its future rejects; the thread goes on
 *              it cannot be interrupted, or does not block ─► its future rejects
 *                                                 │ no answer, and it is this job that has the thread; or nobody tells who has it
 *                                                 └──────────────────────────────────────► the loop ends the thread
 *                                                   (while another job has the thread, that one is waited for)
 */
/** The time-out of one call, counted from when it begins to run. Exact, and without polling: it never fires too late. */
export class JobTimeout {
  readonly #host: CallHost;
  readonly #call: PendingCall;
  readonly #ms: number;
  readonly #expiry: Expiry;
  #entry: TimerEntry;
  #silence = 0;

  constructor(host: CallHost, call: PendingCall, ms: number, expiry: Expiry) {
    this.#host = host;
    this.#call = call;
    this.#ms = ms;
    this.#expiry = expiry;
    this.#entry = this.#arm(ms);
  }

  cancel(): void {
    this.#host.timeouts.remove(this.#entry);
  }

  #after(ms: number, then: () => void): void {
    this.#entry = this.#host.timeouts.add(this.#host.clock.now() + ms, then);
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
    else this.#expire();
  }

  #expire(): void {
    this.#expiry.ask();
    if (this.#host.link.hasThread(this.#call) === true) this.#after(noticeMs, () => this.#break());
    else {
      this.#expiry.expired(undefined);
      this.#awaitAnswer();
    }
  }

  #break(): void {
    this.#host.readArrived();
    if (this.#host.link.stateOf(this.#call) !== 'cancelling') return;
    if (this.#call.cancelSeen) {
      this.#expiry.expired(undefined);
      return;
    }
    this.#expiry.breaking();
    // It answers in a millisecond; a thread that cannot is given up after a quarter of a second.
    this.#host.interrupt(this.#call, (breach) => {
      this.#expiry.expired(breach);
      if (breach?.isBroken !== true) this.#awaitAnswer();
    });
  }

  #awaitAnswer(): void {
    this.#after(answerMs, () => {
      // This thread may have been blocked itself: what has arrived meanwhile counts.
      this.#host.readArrived();
      if (this.#call.cancelSeen || this.#host.link.stateOf(this.#call) !== 'cancelling') return;
      const hasThread = this.#host.link.hasThread(this.#call);
      if (hasThread === true || (hasThread === undefined && ++this.#silence >= maxSilence))
        this.#host.stuck(this.#call);
      else this.#awaitAnswer();
    });
  }
}
