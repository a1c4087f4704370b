import type { Clock } from '../base/clock.ts';
import { TimerQueue } from '../base/timer-queue.ts';

/** Which loops come back, in OTP's words: all, those that ended by a crash, or none. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/** How a loop that nobody has closed came to its end. One that is lost has left its thread behind, which ignores its termination. */
export type LoopEnding = 'crash' | 'stopped' | 'lost';

export interface RestartPolicy {
  /** `'permanent'`: a loop that ends is replaced; `'transient'`: only one that crashed; `'temporary'`: none is. Default `'permanent'`. */
  readonly policy?: RestartType;
  /** More restarts than this within `periodMs` break the pool. Default 10. */
  readonly intensity?: number;
  /** Milliseconds. Default 10,000. */
  readonly periodMs?: number;
  /**
   * Milliseconds before the second restart within a period, doubled for each further one; the first is at once. Default 50.
   */
  readonly backoffMs?: number;
  /** Most milliseconds before a restart. Where all of a period's add up to more than it, its intensity is never reached. Default 500. */
  readonly maxBackoffMs?: number;
  /**
   * More lost threads than this, ever, break the pool: each goes on with what it does, and may burn a core, until the process ends.
   * Default: as many as the pool has loops (`max`).
   */
  readonly maxLost?: number;
}

/** What a pool was broken by. */
export type BrokenBy = 'restarts' | 'lost';

export interface SupervisorEffects {
  /** Start a loop in place of one that has ended. */
  restart(): void;
  /** A loop is not replaced. */
  reduced(): void;
  /** Too many restarts in too short a time, or lost threads; `error` ended the last loop. */
  broke(error: Error | undefined, by: BrokenBy): void;
}

/*
 *                  a loop ends, which the policy lets go ──► watching (one loop less)
 *                 │
 *   watching ─────┼─ a loop ends, restarts in the period < intensity ──► waiting ── back-off over: restart ──► watching
 *      │          ├─ a loop ends, restarts in the period = intensity ──► broken
 *      │          └─ a thread is lost, lost before = maxLost ──────────► broken
 *      └── stop ──► stopped                     (waiting ── stop ──► stopped)
 *
 * Several loops may wait for their restart at a time. A restart counts from the moment that it was decided; broken and
 * stopped are final, and nothing is restarted there.
 */
type State = 'watching' | 'stopped' | 'broken';

/** Decides what becomes of a loop that has ended. It knows the clock and no threads. */
export class Supervisor {
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  readonly #policy: Required<RestartPolicy>;
  readonly #effects: SupervisorEffects;
  /** When the restarts of the last period were decided, oldest first: at most `intensity` of them. */
  #recent: number[] = [];
  #state: State = 'watching';
  #restarts = 0;
  #lost = 0;

  constructor(policy: Required<RestartPolicy>, clock: Clock, effects: SupervisorEffects) {
    this.#policy = policy;
    this.#clock = clock;
    this.#timers = new TimerQueue(clock, false);
    this.#effects = effects;
  }

  /** Restarts so far. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Threads that were lost so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Loops that have ended and are to be replaced. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** A loop has ended that nobody has closed; a thread may be lost also where its loop was closed (`isReplaced` is false). */
  ended(how: LoopEnding, error: Error | undefined, isReplaced: boolean = true): void {
    if (how === 'lost') this.#lost++;
    if (this.#state !== 'watching') return;
    const { policy, intensity, periodMs, maxLost } = this.#policy;
    if (this.#lost > maxLost) {
      this.#break(error, 'lost');
      return;
    }
    if (!isReplaced) return;
    if (policy === 'temporary' || (policy === 'transient' && how === 'stopped')) {
      this.#effects.reduced();
      return;
    }
    const now = this.#clock.now();
    this.#recent = this.#recent.filter((at) => now - at < periodMs);
    if (this.#recent.length >= intensity) {
      this.#break(error, 'restarts');
      return;
    }
    const delay = this.#delay();
    this.#recent.push(now);
    if (delay === 0) this.#restart();
    else this.#timers.add(now + delay, () => this.#restart());
  }

  /** Restart nothing any more: the pool closes. */
  stop(): void {
    if (this.#state === 'watching') this.#state = 'stopped';
    this.#timers.clear();
  }

  #break(error: Error | undefined, by: BrokenBy): void {
    this.#state = 'broken';
    this.#timers.clear();
    this.#effects.broke(error, by);
  }

  #delay(): number {
    const before = this.#recent.length;
    if (before === 0) return 0;
    const { backoffMs, maxBackoffMs } = this.#policy;
    return Math.min(backoffMs * 2 ** (before - 1), maxBackoffMs);
  }

  #restart(): void {
    this.#restarts++;
    this.#effects.restart();
  }
}
