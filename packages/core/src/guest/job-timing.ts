import type { Clock } from '../base/clock.ts';
import { turnMs } from './guest-surroundings.ts';
import type { Job } from './job-modules.ts';

/** A job that took less is not timed each time. */
const quickMs = 0.02;
/** So many quick jobs run between two looks at the clock, which costs as much as a small job. */
const stride = 8;

/** How long jobs have the thread. The clock is read after each job that may take long, and of quick ones after some. */
export class JobTiming {
  readonly #clock: Clock;
  readonly #slowMs: number;
  readonly #onSlow: (label: string, ms: number) => void;
  /** No job has run since the clock was read. */
  #justRead = true;
  /** Quick jobs so far. */
  #unmeasured = 0;

  /** `onSlow` is told of each job that had the thread for more than `slowMs`; with Infinity none is. */
  constructor(clock: Clock, slowMs: number, onSlow: (label: string, ms: number) => void) {
    this.#clock = clock;
    this.#slowMs = slowMs;
    this.#onSlow = onSlow;
  }

  /** A turn begins; its time. */
  begin(): number {
    this.#justRead = true;
    return this.#clock.now();
  }

  /** A job has returned or first awaited, the clock was read at `before`; the time now, as far as it is known. */
  after(job: Job | undefined, label: string, before: number): number {
    const isQuick = job !== undefined && job.lastMs < quickMs && this.#slowMs === Infinity;
    const isAlone = this.#justRead;
    this.#justRead = !isQuick || ++this.#unmeasured % stride === 0;
    if (!this.#justRead) return before;
    const now = this.#clock.now();
    if (!isAlone && now - before < turnMs) return now;
    if (job !== undefined) job.lastMs = now - before;
    if (now - before > this.#slowMs) this.#onSlow(label, now - before);
    return now;
  }
}
