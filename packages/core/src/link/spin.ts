/** A wake so soon after going to sleep means that the spin before it was a good part of what the thread did. */
const soonMs = 1;
/** After so many of them more than spins that found something … */
const mostMisses = 16;
/** … nobody spins for so long. */
const restMs = 20;

/**
 * How long one side of a ring lane looks out for the other before it sleeps: up to the cost of a wake, so that it never
 * costs more than twice the best. Spinning that mostly fails is given up for a while: the cores belong to somebody else
 * then (a Redis beside it, say), or the jobs take longer than a wake.
 *
 *   spinning ── slept and was woken soon, `mostMisses` times more than it found something ──► resting
 *   resting ── `restMs` ──► trying: one miss more than it finds something ──► resting
 *                              └── it finds something, `mostMisses` times more than not ──► spinning
 */
export class Spin {
  readonly #ms: number;
  readonly #fits: () => boolean;
  #misses = 0;
  #sleptAt = -Infinity;
  #restUntil = -Infinity;

  /** `fits`: do the threads that are awake leave a core for one that spins? */
  constructor(ms: number, fits: () => boolean) {
    this.#ms = ms;
    this.#fits = fits;
  }

  /** Milliseconds that may be spent now; 0 for none. */
  msAt(now: number): number {
    return this.#ms > 0 && now >= this.#restUntil && this.#fits() ? this.#ms : 0;
  }

  /** Something came while it was looked out for; not what a bell has told of, nor what was there at once. */
  hit(): void {
    if (this.#misses > 0) this.#misses--;
  }

  slept(now: number): void {
    this.#sleptAt = now;
  }

  woken(now: number): void {
    if (now - this.#sleptAt > soonMs || now < this.#restUntil) return;
    if (++this.#misses < mostMisses) return;
    this.#misses = mostMisses - 1;
    this.#restUntil = now + restMs;
  }
}
