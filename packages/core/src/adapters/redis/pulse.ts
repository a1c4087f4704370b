/** When the next beat is due. */
export class Pulse {
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Infinity;
  #isStopped = false;
  isDue = true;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** There was one; the next one in `ms`. */
  again(ms: number): void {
    this.isDue = false;
    this.#at = Infinity;
    this.within(ms);
  }

  /** In `ms` at the latest. */
  within(ms: number): void {
    const at = performance.now() + ms;
    if (this.#isStopped || at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => this.now(), ms);
  }

  now(): void {
    this.isDue = true;
    this.#onDue();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
