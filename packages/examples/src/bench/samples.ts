/** Many measured times, in milliseconds. The room is made beforehand: growing would be measured, too. */
export class Samples {
  readonly #values: Float64Array;
  #count = 0;

  constructor(room: number = 1 << 20) {
    this.#values = new Float64Array(room);
  }

  get isFull(): boolean {
    return this.#count === this.#values.length;
  }

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (!this.isFull) this.#values[this.#count++] = value;
  }

  /** NaN without samples. */
  percentile(percent: number): number {
    const sorted = this.#values.slice(0, this.#count).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
  }
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
