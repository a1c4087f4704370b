import { createHistogram } from 'node:perf_hooks';

/** Milliseconds. */
export interface DelaySummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const everyMs = 1;

/**
 * How long something that is due on this thread's loop waits for it: the time between two ticks of a timer of one
 * millisecond, which is therefore what an idle loop shows. Nothing is subtracted.
 *
 * A gap of 40 ms is one tick, but forty were due in it, and each waited: they are recorded too (40, 39, … 1). With one
 * record for each gap, as in `monitorEventLoopDelay`, the ticks of the quiet time would outvote every block in the percentiles.
 */
export class LoopDelay {
  readonly #histogram = createHistogram();
  #last: number = performance.now();
  readonly #timer = setInterval(() => this.#tick(), everyMs);

  /** Measure no longer; what has been measured since it was made. */
  stop(): DelaySummary {
    clearInterval(this.#timer);
    this.#tick();
    const { max } = this.#histogram;
    return { p50: this.#histogram.percentile(50) / 1000, p99: this.#histogram.percentile(99) / 1000, max: max / 1000 };
  }

  #tick(): void {
    const now = performance.now();
    for (let gap = now - this.#last; gap >= everyMs; gap -= everyMs) this.#histogram.record(Math.round(gap * 1000));
    this.#last = now;
  }
}
