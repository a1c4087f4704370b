const Word = { rings: 0, listeners: 1, open: 2 } as const;

/**
 * What a caller sleeps on that blocks its thread until something comes: its event loop does not turn, so no message wakes it.
 * The other side rings after everything that it sends on the port, while anybody listens; records of a ring lane come with
 * a bell on the port when their reader is parked.
 *
 *   caller: listen ─► notes the count ─► takes in what has arrived, parks its reader ─► sleeps while the count is the same
 *   sender: posts ─► rings where somebody listens
 *
 * Who listens before it looks misses nothing: what was posted without a ring had arrived when it looked.
 */
export class Signal {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** The other side: it has its end of the link. */
  open(): void {
    Atomics.store(this.#words, Word.open, 1);
  }

  /** Before that, its thread is starting and has run nothing of ours; and where it ends then, nobody closes its end of the link. */
  get isOpen(): boolean {
    return Atomics.load(this.#words, Word.open) === 1;
  }

  /** Sender: something was sent. */
  ring(): void {
    if (Atomics.load(this.#words, Word.listeners) === 0) return;
    Atomics.add(this.#words, Word.rings, 1);
    Atomics.notify(this.#words, Word.rings);
  }

  listen(): void {
    Atomics.add(this.#words, Word.listeners, 1);
  }

  unlisten(): void {
    Atomics.sub(this.#words, Word.listeners, 1);
  }

  /** How often it was rung. */
  get count(): number {
    return Atomics.load(this.#words, Word.rings);
  }

  /** Block this thread until it is rung, unless it was since `count` was read; false when `ms` milliseconds went by before. */
  sleep(count: number, ms: number): boolean {
    return Atomics.wait(this.#words, Word.rings, count, ms) !== 'timed-out';
  }
}
