import type { Clock } from '../base/clock.ts';

/** Samples that come closer than this are made rarer, … */
const spacingMs = 1;
/** … up to one in so many calls: three looks at the clock can cost as much as ten small jobs. */
const maxStride = 512;
/** While calls come one after another at least one in so many is sampled: they may be few. */
const aloneStride = 32;
/** After a pause of this length all calls are sampled again. */
const pauseMs = 100;

/**
 * Which calls are timed: all of them while they come slowly, one of 512 in a flood. Which ones of a flood is left to chance,
 * or a program that calls in groups of eight would always have the first of a group timed, which waits least.
 */
export class Sampler {
  readonly #clock: Clock;
  #left = 1;
  #stride = 1;
  #lastAt = -Infinity;
  #chance = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call is made, alone or beside others: the time now when it is to be timed, else undefined. */
  take(isAlone: boolean): number | undefined {
    if (isAlone && this.#left > aloneStride) this.#left = aloneStride;
    if (--this.#left > 0) return undefined;
    const now = this.#clock.now();
    const since = now - this.#lastAt;
    this.#lastAt = now;
    if (since < spacingMs) this.#stride = Math.min(this.#stride * 2, maxStride);
    else this.#stride = since > pauseMs ? 1 : Math.max(this.#stride / 2, 1);
    // Numbers that look like chance, from 1 to twice the stride less one.
    this.#chance = (Math.imul(this.#chance, 1_103_515_245) + 12_345) | 0;
    this.#left = 1 + ((this.#chance >>> 8) % (2 * this.#stride - 1));
    return now;
  }
}
