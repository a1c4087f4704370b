import { intrinsics } from './intrinsics.ts';

/** A running timer of a `Clock`. */
export interface ClockTimer {
  cancel(): void;
  ref(): void;
  unref(): void;
}

/** Time as the library sees it: monotonic milliseconds and one-shot timers. Tests inject a fake one. */
export interface Clock {
  /** Milliseconds since an arbitrary point that is the same in every thread of the process. Never jumps. */
  now(): number;
  /** Call `fire` once after `ms` milliseconds, however long that is. */
  setTimer(ms: number, fire: () => void): ClockTimer;
}

/** The longest delay that `setTimeout` takes; above it Node fires after 1 ms. */
export const maxTimeoutMs: number = 2 ** 31 - 1;

/** A timer on `setTimeout` that reaches any delay by chaining. */
class SystemTimer implements ClockTimer {
  #left: number;
  readonly #fire: () => void;
  #timeout: NodeJS.Timeout;
  #referenced = true;

  constructor(ms: number, fire: () => void) {
    this.#left = ms > 0 ? ms : 0;
    this.#fire = fire;
    this.#timeout = this.#arm();
  }

  #arm(): NodeJS.Timeout {
    const leg = Math.min(this.#left, maxTimeoutMs);
    this.#left -= leg;
    const timeout = intrinsics.setTimeout(() => this.#legDone(), leg);
    if (!this.#referenced) timeout.unref();
    return timeout;
  }

  #legDone(): void {
    if (this.#left > 0) this.#timeout = this.#arm();
    else this.#fire();
  }

  cancel(): void {
    intrinsics.clearTimeout(this.#timeout);
  }

  ref(): void {
    this.#referenced = true;
    this.#timeout.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#timeout.unref();
  }
}

const hrtime = process.hrtime;

/** The real clock. `process.hrtime` counts from the same point in every thread, unlike `performance.now`. */
export const systemClock: Clock = {
  now() {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
  setTimer: (ms, fire) => new SystemTimer(ms, fire),
};
