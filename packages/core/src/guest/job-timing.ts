import type { Clock } from '../base/clock.ts';
import { turnMs } from './guest-surroundings.ts';
import type { Job } from './job-modules.ts';

/** A job that took less is not timed each time, … */
const quickMs = 0.02;
/** … once its average is below this, in microseconds. */
const tellsQuickUs = 10;
/** So many quick jobs run before one is timed, which costs two looks at the clock: each as much as a small job. */
const stride = 16;
/** The caller is told of an average that is so many times what it was told before, or as much less, … */
const newsFactor = 1.25;
/** … and so many microseconds beyond that; and again after so many measurements: other loops may have told other times since. */
const [newsUs, oldAfter] = [1, 64];

/** Hears how long jobs have the thread. */
export interface TimingEvents {
  /** One had it for more than `slowMs`. */
  onSlow(label: string, ms: number): void;
  /** The calls of the job of this number have it for about so many microseconds; told when that changes. */
  onTime(job: number, us: number): void;
}

/** How long jobs have the thread. The clock is read after each job that may take long, and of quick ones after some. */
export class JobTiming {
  readonly #clock: Clock;
  readonly #slowMs: number;
  readonly #events: TimingEvents;
  /** No job has run since the clock was read. */
  #justRead = true;
  /** Quick jobs since one was timed. */
  #untimed = 0;

  /** With a `slowMs` of Infinity none is slow. */
  constructor(clock: Clock, slowMs: number, events: TimingEvents) {
    this.#clock = clock;
    this.#slowMs = slowMs;
    this.#events = events;
  }

  /** A turn begins; its time. */
  begin(): number {
    this.#justRead = true;
    return this.#clock.now();
  }

  /** The job of this number has returned or first awaited, the clock was read at `before`; the time now, as far as it is known. */
  after(index: number, job: Job | undefined, label: string, before: number): number {
    // One whose first runs were slow, since its code was cold, is timed until its average is quick, too.
    const isQuick = job !== undefined && job.lastMs < quickMs && job.toldUs < tellsQuickUs && this.#slowMs === Infinity;
    const isAlone = this.#justRead;
    this.#justRead = !isQuick || ++this.#untimed >= stride;
    if (!this.#justRead) return before;
    // One that was not alone cannot be timed: the next one will be.
    if (isAlone) this.#untimed = 0;
    const now = this.#clock.now();
    if (!isAlone && now - before < turnMs) return now;
    if (job !== undefined) this.#learn(index, job, now - before);
    if (now - before > this.#slowMs) this.#events.onSlow(label, now - before);
    return now;
  }

  #learn(index: number, job: Job, ms: number): void {
    job.lastMs = ms;
    job.time.learn(ms * 1000);
    const us = job.time.us ?? 0;
    const isNews = !(us <= job.toldUs * newsFactor + newsUs && us >= job.toldUs / newsFactor - newsUs);
    if (!isNews && ++job.untold < oldAfter) return;
    job.toldUs = us;
    job.untold = 0;
    this.#events.onTime(index, us);
  }
}
