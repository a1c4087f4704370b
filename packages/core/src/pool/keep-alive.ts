import { maxTimeoutMs } from '../base/clock.ts';
import { intrinsics } from '../base/intrinsics.ts';
import type { Referenced } from '../link/holds.ts';

/** Keeps the process alive without a thread: a call that is awaited may wait for a loop that has yet to start. */
export class KeepAlive implements Referenced {
  #timer: NodeJS.Timeout | undefined;

  ref(): void {
    this.#timer ??= this.#arm();
  }

  unref(): void {
    if (this.#timer !== undefined) intrinsics.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): NodeJS.Timeout {
    return intrinsics.setTimeout(() => {
      this.#timer = this.#arm();
    }, maxTimeoutMs);
  }
}
