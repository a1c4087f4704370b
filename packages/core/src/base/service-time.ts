/** A sample so many times the estimate is an outlier: a garbage collection, a cold loop, a thread that had no core. */
const outlierFactor = 8;

/** Above the estimate but below this nothing is an outlier: microseconds that no rule of the dispatch tells apart. */
const harmlessUs = 20;

/** An outlier is believed when the one before it is at most so many samples back: then long runs belong to the job. */
const outlierMemory = 32;

/** The first samples count half each: the very first is of code that was never compiled, often a hundred times too long. */
const earlySamples = 4;

const earlyWeight = 1 / 2;

/** Up faster than down: a long job packed as a tiny one costs a core, a tiny one that is spread costs a wake. */
const weightUp = 1 / 4;
const weightDown = 1 / 8;

/**
 * How long a job has the thread, as a moving average over its last runs.
 *
 *   unknown ── a sample ──► early ── 4 samples ──► settled ── an outlier ──► suspecting
 *                                                     ▲                         │
 *                                                     ├── 32 samples without ───┤
 *                                                     └── one more: believed ───┘
 *
 * The estimate lies between the shortest and the longest sample, a lone outlier leaves it alone, and a job that turns
 * long is seen by its second run. A job that is long now and then (one in ten) stays long, because up is faster than down.
 */
export class ServiceTime {
  #us: number | undefined;
  #samples = 0;
  #sinceOutlier: number = outlierMemory;

  /** The estimate; undefined before the first sample. */
  get us(): number | undefined {
    return this.#us;
  }

  /** Take over an average that was made elsewhere. */
  set(us: number): void {
    this.#us = us;
    this.#samples = earlySamples;
  }

  /** Take in one measured run. What is no duration (a clock that jumped) is ignored. */
  learn(us: number): void {
    if (!(us >= 0 && us < Infinity)) return;
    this.#samples++;
    if (this.#us === undefined) {
      this.#us = us;
      return;
    }
    if (this.#samples <= earlySamples) {
      this.#us += (us - this.#us) * earlyWeight;
      return;
    }
    if (us > harmlessUs && us > this.#us * outlierFactor) {
      const alone = this.#sinceOutlier >= outlierMemory;
      this.#sinceOutlier = 0;
      if (alone) return;
    } else if (this.#sinceOutlier < outlierMemory) this.#sinceOutlier++;
    this.#us += (us - this.#us) * (us > this.#us ? weightUp : weightDown);
  }
}
