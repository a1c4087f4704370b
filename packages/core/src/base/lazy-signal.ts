import { intrinsics } from './intrinsics.ts';

/*
 *   quiet ── abort ──► aborted, for good: the first reason stays
 *
 * An AbortSignal and its listener cost more than a short job, and most jobs never look at theirs. So there is one only when somebody
 * asks, in either state; what this library itself has to do on an abort is a function.
 */

/** The signal of something that may be aborted once, made when somebody asks for it. No state beside its own: adapters have a copy. */
export class LazySignal<Reason extends Error = Error> {
  #reason: Reason | undefined;
  #controller: AbortController | undefined;
  #onAbort: ((reason: Reason) => void) | undefined;

  /** Why it was aborted; undefined: it was not. */
  get reason(): Reason | undefined {
    return this.#reason;
  }

  /** The same each time. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new intrinsics.AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Call `fn` once: when it is aborted, or now when it was. One function at a time: the last one that came. */
  onAbort(fn: (reason: Reason) => void): void {
    if (this.#reason === undefined) this.#onAbort = fn;
    else fn(this.#reason);
  }

  /** Changes nothing when it was aborted before. */
  abort(reason: Reason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onAbort?.(reason);
  }
}
