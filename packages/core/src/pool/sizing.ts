/** Calls that have waited for so long want another loop: about what starting one takes. */
export const growAfterMs = 10;

export interface SizingOptions {
  readonly min: number;
  readonly max: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
}

/*
 *   nothing waits ◄──────────────► calls wait, since when ── 10 ms over, loops < max: grow ──► calls wait, since now
 *   a loop has nothing to do, since when ── idleTimeout over, loops > min: shrink
 */
/** When a pool gets more loops, and which it gives up. It is told the time and has no clock. */
export class Sizing {
  #min: number;
  #max: number;
  readonly #idleTimeout: number;
  #waitingSince: number | undefined;

  constructor({ min, max, idleTimeout }: SizingOptions) {
    this.#min = min;
    this.#max = max;
    this.#idleTimeout = idleTimeout;
  }

  /** A loop is gone for good: there will be one less. */
  reduce(): void {
    this.#max = Math.max(0, this.#max - 1);
    this.#min = Math.min(this.#min, this.#max);
  }

  /** So many calls wait, and so many loops are there or about to be: start another? */
  grows(now: number, loops: number, waiting: number): boolean {
    if (waiting === 0) {
      this.#waitingSince = undefined;
      return false;
    }
    this.#waitingSince ??= now;
    if (loops >= this.#max || now - this.#waitingSince < growAfterMs) return false;
    this.#waitingSince = now;
    return true;
  }

  /** Of the loops that have nothing to do (`idleSince`, the eldest first) those to give up, the youngest first. */
  shrinks<M extends { readonly idleSince: number }>(now: number, loops: number, idle: readonly M[]): M[] {
    const over = idle.filter(({ idleSince }) => now - idleSince >= this.#idleTimeout);
    return over.toReversed().slice(0, Math.max(0, loops - this.#min));
  }

  /** Milliseconds until one of them may be given up; undefined when none can be. */
  nextShrink(now: number, loops: number, idle: readonly { readonly idleSince: number }[]): number | undefined {
    if (loops <= this.#min || idle.length === 0 || this.#idleTimeout === Infinity) return undefined;
    const eldest = Math.min(...idle.map(({ idleSince }) => idleSince));
    return Math.max(0, eldest + this.#idleTimeout - now);
  }
}
