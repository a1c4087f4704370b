/** A wake so soon after going to sleep means that the spin before it was in vain: a little more, and it had paid. */
const soonMs = 0.25;
/** After so many of them in a row … */
const mostMisses = 4;
/** … nobody spins for so long. */
const restMs = 20;

/**
 * How long one side of a ring lane looks out for the other before it sleeps: up to the cost of a wake, so that it never
 * costs more than twice the best. Spinning that keeps failing is given up for a while: the cores belong to somebody else
 * then, or the jobs take longer than a wake.
 *
 *   spinning ── slept and was woken soon, `mostMisses` times in a row ──► resting ── `restMs` ──► spinning
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

  /** Something came while it was looked out for. */
  hit(): void {
    this.#misses = 0;
  }

  slept(now: number): void {
    this.#sleptAt = now;
  }

  woken(now: number): void {
    if (now - this.#sleptAt > soonMs) this.#misses = 0;
    else if (now >= this.#restUntil && ++this.#misses >= mostMisses) {
      this.#misses = 0;
      this.#restUntil = now + restMs;
    }
  }
}
