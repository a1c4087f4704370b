import { ServiceTime } from '../base/service-time.ts';
import { tinyUs, unknownUs } from './limits.ts';

/** The code of a thread that has just begun may be so many times slower, and far more. */
const coldFactor = 8;

/**
 * What is known of one job, all loops together: they run the same code on the same machine, and the first run on a loop
 * that is cold is an outlier to the others. An average over different jobs would be true of none of them.
 */
export class JobKind {
  /** Until the job settles or, if it awaits, until it lets go of the thread for the first time. */
  readonly #untilFree = new ServiceTime();
  #awaits = false;

  /** The time for which a call of this job keeps others from starting. */
  get us(): number {
    return this.#untilFree.us ?? unknownUs;
  }

  /** What a call that has begun to await will still ask of its thread. Nobody measures that, so it counts as long. */
  get laterUs(): number {
    return this.#awaits ? unknownUs : 0;
  }

  /** Seen to await: the time until its reply is not the time that it had the thread. */
  get awaits(): boolean {
    return this.#awaits;
  }

  /** It lets go of its thread at once, and goes on later: nothing tells when it has, so that it seems to be busy for longer than it is. */
  get awaitsSoon(): boolean {
    return this.#awaits && this.us < tinyUs;
  }

  /** Its time was told, and it was never seen to await. */
  get isBlocking(): boolean {
    return !this.#awaits && this.#untilFree.us !== undefined;
  }

  /** All of it is so short that sharing it costs more than it brings. Of one that awaits only the first part is known. */
  get isTiny(): boolean {
    return !this.#awaits && this.us < tinyUs;
  }

  /** A loop has told how long calls have its thread: what it has measured, and made an average of, there. */
  toldUntilFree(us: number): void {
    const known = this.#untilFree.us;
    // What is known is true of the same code: a loop where it is far longer is cold, or has another sort of work to do.
    if (known === undefined || us <= known * coldFactor) this.#untilFree.set(us);
    else this.#untilFree.learn(us);
  }

  learnAwaits(): void {
    this.#awaits = true;
  }
}
