import { availableParallelism } from 'node:os';

/**
 * Which loops of one owner are awake, in shared memory: a thread may spin only while the threads that are awake, the
 * owner's among them, fit the cores. Beyond that a thread that spins takes the core from the one that it waits for.
 */
export class Awake {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #cores: number;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * 256), cores: number = availableParallelism()) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#cores = cores;
  }

  /** A place for one more loop. Loops beyond the places there are get -1, and never spin. */
  enter(): number {
    for (let place = 1; place < this.#words.length; place++) {
      if (Atomics.compareExchange(this.#words, place, free, asleep) !== free) continue;
      if (place > Atomics.load(this.#words, 0)) Atomics.store(this.#words, 0, place);
      return place;
    }
    return -1;
  }

  /** The loop is gone. */
  leave(place: number): void {
    if (place > 0) Atomics.store(this.#words, place, free);
  }

  set(place: number, isAwake: boolean): void {
    if (place > 0) Atomics.store(this.#words, place, isAwake ? awake : asleep);
  }

  /** May the loop at `place` run beside its owner and the other loops that are awake? */
  fits(place: number): boolean {
    if (place < 0) return false;
    const last = Atomics.load(this.#words, 0);
    let running = 2;
    for (let each = 1; each <= last && running <= this.#cores; each++)
      if (each !== place && Atomics.load(this.#words, each) === awake) running++;
    return running <= this.#cores;
  }
}

const free = 0;
const asleep = 1;
const awake = 2;
