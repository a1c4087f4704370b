import type { Clock, ClockTimer } from '../base/clock.ts';

/** What a stall watch needs of its loop. */
export interface StallHost {
  /** Somebody wants to hear of stalls. */
  isHeard(): boolean;
  /** Calls are in flight. */
  readonly isBusy: boolean;
  /** The thread has started: before, it answers nothing. */
  readonly isReady: boolean;
  /** The id of the call whose synchronous part has the thread; 0 when the thread tells of none. */
  readonly entered: number;
  /** Have the thread answer, which it does when it turns to its messages. */
  ping(answered: () => void): void;
  /** Take in answers that have come while this thread was blocked itself. */
  readArrived(): void;
  /** The thread has been blocked for at least so long, by the call of this id; 0 where that is not known. */
  onStalled(entered: number, ms: number): void;
}

/** Looks at a thread in each `stalledMs`: a stall is told at most so much later. */
const looks = 4;

/*
 *   asleep ── a first call is in flight, and somebody listens ──► watching: a look every quarter of `stalledMs`
 *     ▲                                                              │
 *     └── nothing is in flight, or nobody listens ───────────────────┤
 *                                                                    ▼
 *   the thread tells of a call:   the same as at the looks before, for stalledMs ──► told, once for this call
 *   it tells of none:             it is pinged; no answer for stalledMs ──► told, once until it answers
 *
 * The shared word tells of the first part of a job only. What blocks the thread after an await, in a timer, or while a module
 * loads, is found by the ping.
 */
/** Finds out that a thread is blocked, from outside. Nothing runs while the loop is idle or nobody listens. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stalledMs: number;
  readonly #host: StallHost;
  #timer: ClockTimer | undefined;
  /** What the thread told of at the last look, since when, and whether that was told. */
  #entered = 0;
  #since = 0;
  #isTold = false;
  /** A ping is under way. */
  #ping: object | undefined;

  constructor(clock: Clock, stalledMs: number, host: StallHost) {
    this.#clock = clock;
    this.#stalledMs = stalledMs;
    this.#host = host;
  }

  /** There may be something to watch. */
  wake(): void {
    if (this.#timer !== undefined || this.#stalledMs === Infinity || !this.#host.isHeard()) return;
    this.#begin(0);
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#ping = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(Math.max(1, this.#stalledMs / looks), () => this.#look());
    this.#timer.unref();
  }

  /** From now on the thread is watched for this call, or for none. */
  #begin(entered: number): void {
    this.#entered = entered;
    this.#since = this.#clock.now();
    this.#isTold = false;
  }

  #look(): void {
    const { entered, isReady, isBusy } = this.#host;
    if (!isBusy || !this.#host.isHeard()) {
      this.stop();
      return;
    }
    this.#arm();
    if (!isReady || entered !== this.#entered) this.#begin(entered);
    else if (entered === 0 && this.#ping === undefined) this.#askForAnswer();
    else if (!this.#isTold && this.#clock.now() - this.#since >= this.#stalledMs) this.#judge();
  }

  #askForAnswer(): void {
    const ping = {};
    this.#ping = ping;
    this.#begin(0);
    this.#host.ping(() => {
      if (this.#ping === ping) this.#ping = undefined;
    });
  }

  #judge(): void {
    if (this.#entered === 0) {
      this.#host.readArrived();
      if (this.#ping === undefined) return;
    }
    this.#isTold = true;
    this.#host.onStalled(this.#entered, this.#clock.now() - this.#since);
  }
}
