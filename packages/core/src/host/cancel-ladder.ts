import type { PendingCall } from '../link/call-table.ts';
import type { TimerEntry } from '../base/timer-queue.ts';
import type { Breach } from '../wire/guard.ts';
import type { CallHost } from './call-host.ts';

/** Who has a job ended. */
export interface Climber {
  /** It blocks its thread, and is going to be broken off: no outcome of it counts before that is known. */
  breaking(): void;
  /** Settle its future without it, once; `breach` tells whether it was broken off and where it was, if it blocked its thread. */
  givenUp(breach: Breach | undefined): void;
}

/** A job that blocks its thread has a moment to see a cancel with checkCancelled(). */
export const noticeMs = 20;

/** So often, and so many milliseconds apart, a job is asked again that cannot be broken off where it is. */
const tries = 20;
const retryMs = 1;

/** A thread answers within a millisecond, unless it is outside of JavaScript. */
const breachMs = 300;

/** How long a thread has to answer the cancel afterwards. Only one that is blocked does not. */
const answerMs = 1000;
/** So many answers may fail to come while the thread does not tell who blocks it: a job does, after one of its awaits. */
const maxSilence = 3;

/*
 *   asked ── ms later, it goes on ─┬─ it blocks its thread ─► breaking ─┬─ broken off ───────────────────► given up; the thread goes on
 *     │                            │                             ▲  │    ├─ it cannot be broken off ─► given up, and watched
 *     │                            │                             └──┘    └─ it has ended meanwhile ──► given up
 *     │                            │                       not right now, so many times
 *     │                            └─ it awaits ─► given up, and watched
 *     └─ it ends: over
 *
 *   watched ─┬─ the thread answers, or the job ends ─────────────────────────────────────────► over
 *            ├─ a moment later it blocks after all: it was just beginning ───────────────────► breaking
 *            └─ no answer in time, and it is this job that has the thread and cannot be broken off, or nobody
 *               tells who has it (while another job has it, that one is waited for) ─────────► the loop ends the thread
 */
/** How a job that was asked to cancel is ended if it does not end by itself: each rung only when the one below did not do. */
export class CancelLadder {
  readonly #host: CallHost;
  readonly #call: PendingCall;
  readonly #climber: Climber;
  #entry: TimerEntry | undefined;
  #silence = 0;
  #wasTried = false;

  constructor(host: CallHost, call: PendingCall, climber: Climber) {
    this.#host = host;
    this.#call = call;
    this.#climber = climber;
  }

  /** It has been asked: give it so long. Asked for again it can only be less. */
  climb(ms: number): void {
    const at = this.#host.clock.now() + ms;
    if (this.#entry !== undefined && this.#entry.at <= at) return;
    this.leave();
    if (ms > 0) this.#after(ms, () => this.#climbOn());
    else this.#climbOn();
  }

  leave(): void {
    if (this.#entry !== undefined) this.#host.timeouts.remove(this.#entry);
  }

  get #isGoingOn(): boolean {
    // This thread may have been blocked itself: what has arrived meanwhile counts.
    this.#host.readArrived();
    return this.#host.link.stateOf(this.#call) === 'cancelling';
  }

  #after(ms: number, then: () => void): void {
    this.#entry = this.#host.timeouts.add(this.#host.clock.now() + ms, then);
  }

  #climbOn(): void {
    if (!this.#isGoingOn) return;
    if (this.#call.cancelSeen || this.#host.link.hasThread(this.#call) !== true) {
      this.#climber.givenUp(undefined);
      this.#watch(noticeMs);
      return;
    }
    this.#climber.breaking();
    this.#break(tries);
  }

  #break(left: number): void {
    this.#wasTried = true;
    let isOpen = true;
    // Of its own, since this thread may be blocked, where no timer of Node fires. A thread that was blocked for all that time finds
    // this due together with the answer: that comes first.
    this.#after(breachMs, () => {
      this.#after(retryMs, () => {
        isOpen = false;
        this.#leaveAlone(undefined);
      });
    });
    this.#host.interrupt(this.#call, (breach) => {
      if (!isOpen) return;
      isOpen = false;
      this.leave();
      if (breach === undefined || breach.outcome === 'broken' || left === 0) this.#leaveAlone(breach);
      else this.#after(retryMs, () => this.#retry(breach, left - 1));
    });
  }

  #retry(breach: Breach, left: number): void {
    if (!this.#isGoingOn) this.#climber.givenUp(breach);
    // Elsewhere: it is just about to begin, or it blocks after one of its awaits.
    else if (this.#host.link.hasThread(this.#call) === true) this.#break(left);
    else this.#leaveAlone(breach);
  }

  #leaveAlone(breach: Breach | undefined): void {
    this.#climber.givenUp(breach);
    if (breach?.outcome !== 'broken') this.#watch(answerMs);
  }

  #watch(ms: number): void {
    this.#after(ms, () => {
      if (!this.#isGoingOn || this.#call.cancelSeen) return;
      const hasThread = this.#host.link.hasThread(this.#call);
      if (hasThread === undefined && ms === answerMs) this.#silence++;
      if (hasThread === true && !this.#wasTried) this.#break(tries);
      else if (hasThread === true || this.#silence >= maxSilence) this.#host.stuck(this.#call);
      else this.#watch(answerMs);
    });
  }
}
