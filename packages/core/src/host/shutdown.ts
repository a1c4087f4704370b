import type { Clock } from '../base/clock.ts';
import { TimerQueue, type TimerEntry } from '../base/timer-queue.ts';

export type CloseMode = 'drain' | 'cancel' | 'terminate';

/** What a shutdown makes happen. */
export interface ShutdownEffects {
  /** Tell the thread to finish what it has. */
  drain(): void;
  /** Cancel everything, and tell the thread to end when it has settled. */
  cancel(): void;
  /** Time is over: note what is unsettled, and end the thread. */
  terminate(timedOut: boolean): void;
  /** The thread ignores even its termination: settle everything without it. */
  abandon(): void;
}

/** How long work may take to end by itself, where `close()` is not told. */
export const defaultGraceMs = 5000;

/** After a drain has used up its time, what is left gets this long to clean up. */
const cancelMs = 1000;
/** A thread that is terminated ends within milliseconds; one that has not after this long never will. */
const terminateMs = 2000;

/*
 *   open ──drain──► draining ──┬─ time over ──► cancelling ──┬─ time over ──► terminating ── time over ──► ended (abandoned)
 *     ├────cancel──────────────┼──────cancel───────▲         │                     ▲                         ▲
 *     ├────terminate───────────┴──────terminate──────────────┴─────────────────────┘                         │
 *     └──────────────────────── the thread has ended, at any time ───────────────────────────────────────────┘
 */
const State = { open: 0, draining: 1, cancelling: 2, terminating: 3, ended: 4 } as const;

/** How a loop closes, as a state machine on a clock: each stage has a deadline, and a stage is never gone back to. */
export class Shutdown {
  readonly #timers: TimerQueue;
  readonly #clock: Clock;
  readonly #effects: ShutdownEffects;
  #state: (typeof State)[keyof typeof State] = State.open;
  #deadline: { readonly of: number; readonly entry: TimerEntry } | undefined;

  constructor(clock: Clock, effects: ShutdownEffects) {
    this.#clock = clock;
    this.#timers = new TimerQueue(clock, false);
    this.#effects = effects;
  }

  /** Takes work. */
  get isOpen(): boolean {
    return this.#state === State.open;
  }

  get isEnded(): boolean {
    return this.#state === State.ended;
  }

  /** Begin to close, or close faster. `graceMs` is the time until the next, harder stage. */
  request(mode: CloseMode, graceMs: number): void {
    if (mode === 'terminate') this.#terminate(false);
    else if (mode === 'cancel') this.#cancel(graceMs);
    else if (this.#state <= State.draining) {
      if (this.#state === State.open) {
        this.#state = State.draining;
        this.#effects.drain();
      }
      this.#within(graceMs, () => this.#cancel(cancelMs));
    }
  }

  /** The thread has ended. */
  ended(): void {
    this.#state = State.ended;
    this.#timers.clear();
  }

  #cancel(graceMs: number): void {
    if (this.#state > State.cancelling) return;
    if (this.#state < State.cancelling) {
      this.#state = State.cancelling;
      this.#effects.cancel();
    }
    this.#within(graceMs, () => this.#terminate(true));
  }

  #terminate(timedOut: boolean): void {
    if (this.#state >= State.terminating) return;
    this.#state = State.terminating;
    this.#effects.terminate(timedOut);
    this.#within(terminateMs, () => this.#effects.abandon());
  }

  /** Set the deadline of this stage. Asking again only ever brings it forward: a late stop() must not undo a close(). */
  #within(ms: number, then: () => void): void {
    // An effect may have ended it all at once.
    if (this.#state === State.ended) return;
    const at = this.#clock.now() + ms;
    const former = this.#deadline;
    if (former?.of === this.#state && former.entry.at <= at) return;
    if (former !== undefined) this.#timers.remove(former.entry);
    this.#deadline = ms === Infinity ? undefined : { of: this.#state, entry: this.#timers.add(at, then) };
  }
}
