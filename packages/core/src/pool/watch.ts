import type { Clock } from '../base/clock.ts';

/** The first look comes so soon. */
const soonMs = 1;
/** Where nothing changes, looks become rarer, up to this. */
const lateMs = 8;

/** What a look has found. */
export interface Look {
  /** There is something to look for. */
  readonly goOn: boolean;
  /** Something has changed since the last look. */
  readonly changed: boolean;
}

/*
 *   asleep ── wake ──► watching ── each look: goOn ──► watching (after 1 ms, or twice as long as before when nothing changed)
 *     ▲                    └────── each look: nothing to look for ──► asleep
 *     └──────────────────────────────────────────────────────────────┘
 */
/** Looks at the words that the threads share, as long as there is a reason to: nothing tells that a job has begun to await. */
export class Watch {
  readonly #clock: Clock;
  readonly #look: (now: number) => Look;
  #watching = false;
  #pause = soonMs;

  /** `look` is given the time. */
  constructor(clock: Clock, look: (now: number) => Look) {
    this.#clock = clock;
    this.#look = look;
  }

  wake(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#pause = soonMs;
    this.#arm();
  }

  /** Look now: the clock's timers do not fire while this thread is blocked. */
  lookNow(): void {
    if (this.#watching) this.#look(this.#clock.now());
  }

  #arm(): void {
    this.#clock.setTimer(this.#pause, () => this.#fire()).unref();
  }

  #fire(): void {
    const { goOn, changed } = this.#look(this.#clock.now());
    this.#watching = goOn;
    this.#pause = changed ? soonMs : Math.min(this.#pause * 2, lateMs);
    if (goOn) this.#arm();
  }
}
