import type { Clock } from '../base/clock.ts';
import type { Gauges } from '../wire/gauges.ts';
import type { CallTimes } from '../wire/state-words.ts';

/** How often the heap is looked at, at most, when a call ends: a look takes some ten microseconds. */
const heapEveryMs = 100;

/** Tells, in memory that the owner reads, how long the sampled calls have waited and run, and how the heap is. */
export class CallMeter implements CallTimes {
  readonly #clock: Clock;
  readonly #gauges: Gauges;
  readonly #memory: () => { readonly heapUsed: number; readonly heapTotal: number };
  #heapAt = -Infinity;

  constructor(clock: Clock, gauges: Gauges) {
    this.#clock = clock;
    this.#gauges = gauges;
    this.#memory = process.memoryUsage;
  }

  begun(submittedAt: number): number {
    const now = this.#clock.now();
    // A call for later may be due a little after it is begun, by the resolution of timers.
    this.#gauges.waiting.add(Math.max(0, now - submittedAt));
    return now;
  }

  ended(begunAt: number): void {
    const now = this.#clock.now();
    this.#gauges.running.add(now - begunAt);
    if (now - this.#heapAt >= heapEveryMs) this.lookAtHeap();
  }

  lookAtHeap(): void {
    this.#heapAt = this.#clock.now();
    const { heapUsed, heapTotal } = this.#memory();
    this.#gauges.setHeap(heapUsed, heapTotal);
  }
}
