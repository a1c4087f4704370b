/** A listener costs as much as a small job: it is made when the job has taken so many milliseconds. */
const lateMs = 1;

let waiting: LateAbort[] = [];

function listenAll(): void {
  const late = waiting;
  waiting = [];
  for (const each of late) each.listen();
}

/*
 *   waiting ── a millisecond ──► listening ── the signal aborts ──► over, `onAbort` was called
 *      │          └── it has aborted meanwhile ───────────────────► over, the same
 *      └── end ──► over ◄── end ──┘
 */
/** Calls `onAbort` once when a signal aborts, at most a few milliseconds later, until it is ended. */
export class LateAbort {
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #isOver = false;
  #listens = false;

  constructor(signal: AbortSignal, onAbort: () => void) {
    this.#signal = signal;
    this.#onAbort = onAbort;
    if (waiting.push(this) === 1) setTimeout(listenAll, lateMs).unref();
  }

  listen(): void {
    if (this.#isOver) return;
    if (this.#signal.aborted) this.#onAbort();
    else {
      this.#listens = true;
      this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  end(): void {
    this.#isOver = true;
    if (this.#listens) this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
