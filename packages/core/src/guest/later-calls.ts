import type { Clock } from '../base/clock.ts';
import { TimerQueue, type TimerEntry } from '../base/timer-queue.ts';
import type { Call } from './job-task.ts';

/** The calls that wait for their time, by their ids. */
export class LaterCalls {
  readonly #timers: TimerQueue;
  readonly #onDue: (call: Call) => void;
  readonly #waiting = new Map<number, { readonly entry: TimerEntry; readonly call: Call }>();

  constructor(clock: Clock, onDue: (call: Call) => void) {
    this.#timers = new TimerQueue(clock, true);
    this.#onDue = onDue;
  }

  add(dueAt: number, call: Call): void {
    const entry = this.#timers.add(dueAt, () => {
      this.#waiting.delete(call.id);
      this.#onDue(call);
    });
    this.#waiting.set(call.id, { entry, call });
  }

  /** Forget one; false when it does not wait. */
  remove(id: number): boolean {
    const later = this.#waiting.get(id);
    if (later === undefined) return false;
    this.#timers.remove(later.entry);
    return this.#waiting.delete(id);
  }

  /** Forget those that `which` says, and give them back. */
  take(which: (call: Call) => boolean): Call[] {
    const calls = [...this.#waiting.values()].map(({ call }) => call).filter((call) => which(call));
    for (const { id } of calls) this.remove(id);
    return calls;
  }
}
