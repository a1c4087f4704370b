import type { TimerEntry } from '../base/timer-queue.ts';
import { unwatchAbort, watchAbort } from '../host/abort-watch.ts';
import type { PoolRunOptions } from './pool-types.ts';

/** The timers of a pool. */
export interface RunTimers {
  /** Call `fire` after so many milliseconds. */
  after(ms: number, fire: () => void): TimerEntry;
  forget(entry: TimerEntry): void;
}

/** What a call of a pool is told. */
export interface RunLimitsEvents {
  onDeadline(ms: number): void;
  onAbort(reason: unknown): void;
}

/** What may settle a call of a pool before its job does: its deadline, and the signal of who wants it. */
export class RunLimits {
  readonly #timers: RunTimers;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (reason: unknown) => void;
  readonly #deadline: TimerEntry | undefined;

  constructor(timers: RunTimers, { deadline, signal }: PoolRunOptions, events: RunLimitsEvents) {
    this.#timers = timers;
    this.#signal = signal;
    this.#onAbort = (reason) => events.onAbort(reason);
    if (deadline !== undefined && deadline !== Infinity)
      this.#deadline = timers.after(deadline, () => events.onDeadline(deadline));
    if (signal !== undefined) watchAbort(signal, this.#onAbort);
  }

  /** The call has settled. */
  end(): void {
    if (this.#deadline !== undefined) this.#timers.forget(this.#deadline);
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this.#onAbort);
  }
}
