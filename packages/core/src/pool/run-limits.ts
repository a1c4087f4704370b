import type { TimerEntry } from '../base/timer-queue.ts';
import { unwatchAbort, watchAbort } from '../host/abort-watch.ts';
import type { PoolRunOptions } from './pool-types.ts';

/** The timers of a pool. */
export interface RunTimers {
  /** Call `fire` after so many milliseconds. */
  after(ms: number, fire: () => void): TimerEntry;
  forget(entry: TimerEntry): void;
}

/** What may settle a call of a pool before its job does: its deadline, and the signal of who wants it. */
export class RunLimits {
  readonly #timers: RunTimers;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (reason: unknown) => void;
  readonly #deadline: TimerEntry | undefined;

  constructor(
    timers: RunTimers,
    { deadline, signal }: PoolRunOptions,
    onDeadline: (ms: number) => void,
    onAbort: (reason: unknown) => void,
  ) {
    this.#timers = timers;
    this.#signal = signal;
    this.#onAbort = onAbort;
    if (deadline !== undefined && deadline !== Infinity)
      this.#deadline = timers.after(deadline, () => onDeadline(deadline));
    if (signal !== undefined) watchAbort(signal, onAbort);
  }

  /** The call has settled. */
  end(): void {
    if (this.#deadline !== undefined) this.#timers.forget(this.#deadline);
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this.#onAbort);
  }
}
