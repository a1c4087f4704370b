/** What is kept from ending: a worker, a port. */
export interface Referenced {
  ref(): void;
  unref(): void;
}

/**
 * Counts the reasons to keep the process alive for a thread: it is referenced while there is at least one. A loop that is
 * not a daemon is a reason in itself; each future that is awaited is one.
 */
export class Holds {
  readonly #target: Referenced;
  #reasons = 0;

  /** The target is referenced when this is called, as a new Worker is. */
  constructor(target: Referenced) {
    this.#target = target;
    target.unref();
  }

  acquire(): void {
    if (this.#reasons++ === 0) this.#target.ref();
  }

  release(): void {
    if (--this.#reasons === 0) this.#target.unref();
  }
}
