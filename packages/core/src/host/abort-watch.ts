// Many calls often share one AbortSignal (a request's, a program's). Each listening by itself would make Node warn of a leak
// above ten, and cost a listener a call; so there is one listener a signal, and a set of who waits for it.

type OnAbort = (reason: unknown) => void;

class Watch {
  readonly waiting = new Set<OnAbort>();
  readonly #signal: AbortSignal;
  readonly #listener = (): void => {
    watches.delete(this.#signal);
    for (const each of this.waiting) each(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#listener, { once: true });
  }

  stop(): void {
    this.#signal.removeEventListener('abort', this.#listener);
    watches.delete(this.#signal);
  }
}

const watches = new WeakMap<AbortSignal, Watch>();

/** Call `onAbort` once when the signal aborts. */
export function watchAbort(signal: AbortSignal, onAbort: OnAbort): void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new Watch(signal);
    watches.set(signal, watch);
  }
  watch.waiting.add(onAbort);
}

/** Wait for it no more; with the last one that waits the listener is gone. */
export function unwatchAbort(signal: AbortSignal, onAbort: OnAbort): void {
  const watch = watches.get(signal);
  watch?.waiting.delete(onAbort);
  if (watch?.waiting.size === 0) watch.stop();
}
