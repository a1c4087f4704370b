/** How long something took, in milliseconds; all 0 while nothing was measured. */
export interface TimeSummary {
  /** How many were measured. */
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Steps between a value and its double: what is read is off by at most a sixteenth. */
const stepBits = 3;
const steps = 2 ** stepBits;
/** Whole microseconds in 32 bits, more than an hour; what took longer counts as that much, and only `max` tells. */
const buckets = (32 - stepBits + 1) * steps;

/** The exact maximum comes first, the counts after it. */
const countsAt = 8;
const byteLength = countsAt + buckets * 4;

/**
 * A histogram of times, in memory that two threads may share: one writes, others read. Buckets grow with the values, so it
 * has a fixed size, and adding costs a few nanoseconds.
 */
export class Histogram {
  readonly buffer: ArrayBufferLike;
  readonly #max: Float64Array;
  readonly #counts: Uint32Array;

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(byteLength)) {
    this.buffer = buffer;
    this.#max = new Float64Array(buffer, 0, 1);
    this.#counts = new Uint32Array(buffer, countsAt, buckets);
  }

  /** One in memory that can be sent to another thread. */
  static shared(): Histogram {
    return new Histogram(new SharedArrayBuffer(byteLength));
  }

  add(ms: number): void {
    const us = ms * 1000;
    // What is no duration (a clock that jumped) is ignored.
    if (!(us >= 0)) return;
    const index = bucketOf(us);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    if (ms > (this.#max[0] ?? 0)) this.#max[0] = ms;
  }

  /** Take in what another has counted. */
  addAll(other: Histogram): void {
    for (let index = 0; index < buckets; index++)
      this.#counts[index] = (this.#counts[index] ?? 0) + (other.#counts[index] ?? 0);
    this.#max[0] = Math.max(this.#max[0] ?? 0, other.#max[0] ?? 0);
  }

  summary(): TimeSummary {
    let count = 0;
    for (const each of this.#counts) count += each;
    const max = this.#max[0] ?? 0;
    return Object.freeze({
      count,
      p50: this.#percentile(count * 0.5, max),
      p90: this.#percentile(count * 0.9, max),
      p99: this.#percentile(count * 0.99, max),
      max,
    });
  }

  /** The value that so many are not above. */
  #percentile(rank: number, max: number): number {
    let seen = 0;
    for (let index = 0; index < buckets; index++) {
      seen += this.#counts[index] ?? 0;
      if (seen > 0 && seen >= rank) return Math.min(middleOf(index) / 1000, max);
    }
    return 0;
  }
}

function bucketOf(us: number): number {
  const whole = us < 2 ** 32 ? us >>> 0 : 2 ** 32 - 1;
  if (whole < steps) return whole;
  const octave = 31 - Math.clz32(whole);
  return (octave - stepBits + 1) * steps + ((whole >>> (octave - stepBits)) & (steps - 1));
}

/** In microseconds. */
function middleOf(index: number): number {
  if (index < steps) return index + 0.5;
  const width = 2 ** (Math.floor(index / steps) - 1);
  return (steps + (index % steps) + 0.5) * width;
}
